"""What should happen next with a customer: campaigns as data and one pure decision."""
