"""Reports as Word documents, by python-docx."""
