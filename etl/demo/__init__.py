"""The demonstration edition: invented publications, one package a source, read by the ordinary pipeline."""
