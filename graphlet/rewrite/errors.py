"""What the rewriter raises."""

from graphlet.core.errors import GraphletError


class RewriteError(GraphletError):
    """A stub that cannot be inserted, or code that would not run as it should: a mistake of ours."""
