"""What a shop's engine keeps between two calls: customers and their facts, memberships, consents, the outbox."""
