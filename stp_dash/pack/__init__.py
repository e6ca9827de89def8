"""The board pack: what the pages say of an area, put together as sheets of paper, slides and a workbook."""
