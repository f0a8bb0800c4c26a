"""Reports: templates, content and signatures."""
