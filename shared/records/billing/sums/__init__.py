"""The sums of the books, kept by the commits that change them."""
