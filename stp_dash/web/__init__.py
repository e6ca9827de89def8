"""What the web server adds to pages: documents, assets, sign-in, metrics and HTML."""
