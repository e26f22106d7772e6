"""Orders out of CSV: good rows are kept, bad rows are reported by line."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from retention.adapters.cells import CellForm
from retention.adapters.order_csv import OrderColumns, OrderReading, Problem, read_orders
from retention.errors import ConfigurationError
from retention.money import usd, won

SIMPLE = OrderColumns(total="total")
LINES = OrderColumns(product="product", category="category", brand="brand", quantity="quantity", line_amount="amount")
FORM = CellForm("KRW", ZoneInfo("Asia/Seoul"))


def read(text: str, columns: OrderColumns = SIMPLE, form: CellForm = FORM, delimiter: str = ",") -> OrderReading:
    return read_orders(text.splitlines(keepends=True), columns, form, delimiter=delimiter)


HEADER = "order_id,customer_id,placed_at,total\n"


def test_one_row_is_one_order() -> None:
    reading = read(HEADER + "A1,kim,2024-03-01 09:30,12900\nA2,lee,2024-03-02,5000\nA3,kim,2024-03-03,100\n")
    (first, second) = reading.orders["kim"]
    assert (first.id, first.at, first.total) == ("A1", datetime(2024, 3, 1, 0, 30, tzinfo=UTC), won(12_900))
    assert second.id == "A3"
    assert (reading.rows, reading.order_count, reading.problems) == (3, 3, ())


def test_bad_rows_are_reported_by_line_and_good_rows_kept() -> None:
    reading = read(
        HEADER
        + "A1,kim,2024-03-01,12900\n"
        + "A2,kim,01/03/2024,12900\n"
        + ",kim,2024-03-01,12900\n"
        + "A4,,2024-03-01,12900\n"
        + "A5,kim,2024-03-01,free\n"
        + "A6,kim,2024-03-01\n"
        + "A7,kim,2024-03-01,\n"
        + "A1,kim,2024-03-01,12900\n"
        + "A9,kim,2024-03-01,-5\n"
        + "A10,lee,2024-03-01,700\n"
    )
    assert {customer: [order.id for order in orders] for customer, orders in reading.orders.items()} == {
        "kim": ["A1"],
        "lee": ["A10"],
    }
    assert [(problem.line, problem.column) for problem in reading.problems] == [
        (3, "placed_at"),
        (4, "order_id"),
        (5, "customer_id"),
        (6, "total"),
        (7, ""),
        (8, "total"),
        (9, "order_id"),
        (10, "total"),
    ]
    assert str(reading.problems[4]) == "line 7: has 3 cells where the header has 4"
    assert str(reading.problems[6]) == "line 9: order_id is that of line 2 again"
    assert str(reading.problems[7]) == "line 10: total is negative"
    assert reading.rows == 10


def test_a_problem_never_quotes_the_cell() -> None:
    reading = read(HEADER + "A1,kim,my secret,12900\nA2,kim,2024-03-01,my secret\n")
    assert len(reading.problems) == 2
    assert not any("secret" in str(problem) for problem in reading.problems)


def test_rows_of_one_order_are_its_lines_wherever_they_stand() -> None:
    reading = read(
        "order_id,customer_id,placed_at,product,category,brand,quantity,amount\n"
        "A1,kim,2024-03-01,beans,coffee,Acme,2,20000\n"
        "A2,lee,2024-03-01,cup,kitchen,,1,3000\n"
        "A1,kim,2024-03-01,filter,coffee,,,1000\n",
        LINES,
    )
    (order,) = reading.orders["kim"]
    assert order.total == won(21_000)
    assert [(line.product_id, line.category, line.brand, line.quantity) for line in order.lines] == [
        ("beans", "coffee", "Acme", 2),
        ("filter", "coffee", None, 1),
    ]
    assert reading.order_count == 2


def test_what_belongs_to_the_order_may_be_blank_after_its_first_row() -> None:
    reading = read(
        "order_id,customer_id,placed_at,product,category,brand,quantity,amount\n"
        "A1,kim,2024-03-01,beans,coffee,,1,20000\n"
        "A1,,,filter,coffee,,1,1000\n",
        LINES,
    )
    assert (reading.orders["kim"][0].total, reading.problems) == (won(21_000), ())


def test_a_row_that_contradicts_the_first_of_its_order_is_left_out() -> None:
    reading = read(
        "order_id,customer_id,placed_at,product,category,brand,quantity,amount\n"
        "A1,kim,2024-03-01,beans,coffee,,1,20000\n"
        "A1,lee,2024-03-01,filter,coffee,,1,1000\n"
        "A1,kim,2024-03-02,filter,coffee,,1,1000\n",
        LINES,
    )
    assert reading.orders.keys() == {"kim"}
    assert [str(problem) for problem in reading.problems] == [
        "line 3: customer_id is not that of line 2, where the order begins",
        "line 4: placed_at is not that of line 2, where the order begins",
    ]


def test_an_order_does_not_begin_with_a_row_whose_line_is_bad() -> None:
    reading = read(
        "order_id,customer_id,placed_at,product,category,brand,quantity,amount\n"
        "A1,kim,2024-03-01,beans,coffee,,many,20000\n"
        "A1,kim,2024-03-01,filter,coffee,,1,1000\n"
        "A2,lee,2024-03-01,filter,coffee,,-1,1000\n",
        LINES,
    )
    assert reading.orders["kim"][0].total == won(1000)
    assert "lee" not in reading.orders
    assert [problem.line for problem in reading.problems] == [2, 4]


def test_a_unit_price_is_multiplied_by_the_quantity() -> None:
    columns = OrderColumns(product="sku", quantity="pieces", unit_price="price")
    reading = read(
        "order_id,customer_id,placed_at,sku,pieces,price\nA1,kim,2024-03-01,beans,3,2.50\nA1,kim,2024-03-01,loose,0.335,10\n",
        columns,
        CellForm("USD", UTC),
    )
    assert reading.orders["kim"][0].total == usd("10.85")


def test_what_is_negative_is_told_by_its_column() -> None:
    columns = OrderColumns(quantity="pieces", unit_price="price")
    rows = "A1,kim,2024-03-01,-3,5\nA2,kim,2024-03-01,3,-5\n"
    reading = read("order_id,customer_id,placed_at,pieces,price\n" + rows, columns)
    assert reading.problems == (Problem(2, "pieces", "is negative"), Problem(3, "price", "is negative"))


def test_status_channel_and_coupon_belong_to_the_order() -> None:
    columns = OrderColumns(total="total", status="state", channel="via", coupon="code")
    reading = read("order_id,customer_id,placed_at,total,state,via,code\nA1,kim,2024-03-01,5,,app,SPRING\n", columns)
    (order,) = reading.orders["kim"]
    assert (order.status, order.channel, order.coupon) == ("placed", "app", "SPRING")


def test_line_numbers_are_those_of_the_file_through_quotes_and_blank_lines() -> None:
    reading = read(HEADER + 'A1,"kim\npark",2024-03-01,5\n\n , , ,\nA2,lee,bad,5\n')
    assert reading.orders.keys() == {"kim\npark"}
    assert reading.problems[0].line == 6
    assert reading.rows == 2


def test_a_record_that_is_not_csv_does_not_stop_the_file() -> None:
    reading = read(HEADER + "A1," + "x" * 200_000 + ",2024-03-01,5\nA2,lee,2024-03-01,5\n")
    assert reading.orders.keys() == {"lee"}
    assert reading.problems[0].line == 2
    assert "is not CSV" in reading.problems[0].reason


def test_bytes_of_another_encoding_make_a_row_bad() -> None:
    text = "김철수".encode("cp949").decode("utf-8", errors="surrogateescape")
    reading = read(HEADER + f"A1,{text},2024-03-01,5\nA2,김철수,2024-03-01,5\n")
    assert reading.orders.keys() == {"김철수"}
    assert reading.problems == (Problem(2, "customer_id", "holds bytes that are not of the file's encoding"),)


def test_every_missing_column_is_named_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read("order,customer id,placed_at,Total\n")
    assert str(caught.value) == (
        "no column is called 'customer_id' (did you mean 'customer id'?); no column is called 'order_id' (did you mean "
        "'order'?); no column is called 'total' (did you mean 'Total'?). "
        "The columns are 'order', 'customer id', 'placed_at', 'Total'"
    )


def test_a_header_cut_at_the_wrong_sign_is_recognised() -> None:
    with pytest.raises(ConfigurationError, match="it looks as if ';' were the delimiter"):
        read("order_id;customer_id;placed_at;total\n")
    assert read("order_id;customer_id;placed_at;total\nA1;kim;2024-03-01;5\n", delimiter=";").order_count == 1


def test_a_column_that_stands_twice_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="2 columns are called 'total'"):
        read("order_id,customer_id,placed_at,total,total\n")


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="the file is empty"):
        read("\n\n")


def test_money_must_come_from_one_place() -> None:
    with pytest.raises(ConfigurationError, match="no column holds money"):
        OrderColumns()
    with pytest.raises(ConfigurationError, match="both a line amount and a unit price"):
        OrderColumns(line_amount="a", unit_price="b")


def test_progress_hears_every_thousand_rows() -> None:
    heard: list[int] = []
    lines = [HEADER, *(f"A{number},kim,2024-03-01,5\n" for number in range(2500))]
    read_orders(lines, SIMPLE, FORM, progress=lambda done, total: heard.append(done))
    assert heard == [1000, 2000, 2500]
