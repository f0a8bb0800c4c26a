"""Reports on the books: receivables by age, the day book, taxes by month, and revenue."""
