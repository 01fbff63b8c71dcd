"""From definitions to a checked plan: graph, order, selection, explanation of problems. Pure."""
