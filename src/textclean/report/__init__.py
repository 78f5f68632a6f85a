"""What a person looks at when a run is done: one page of HTML (`page`), with its style and its script beside it.

The room reads what a run left in its folder, and knows nothing of how a run is done; the command ``textclean report`` uses it.
"""
