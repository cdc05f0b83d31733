"""The law's types (rule sets, tests) and the pure evaluator with three answers."""
