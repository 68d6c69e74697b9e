"""The booking aggregate, its proposals and its workflow: the orchestrator."""
