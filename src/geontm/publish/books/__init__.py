"""Excel workbooks: results and templates."""
