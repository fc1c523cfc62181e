"""OPA: the `opa` program that mrbot starts and supervises, and a server that the operator runs."""
