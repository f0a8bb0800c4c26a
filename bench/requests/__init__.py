"""What a warm request costs: ten operations against a bare handler, an app on SQLAlchemy, and an older commit."""
