"""regorus, the embedded engine: its worker, what is refused, and what is written so that it means in
regorus what it means in OPA."""
