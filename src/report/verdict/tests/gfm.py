"""Markdown of standard input as GitHub's own renderer (cmark-gfm) has it: its tables' rows, and all its elements."""
import html.parser
import json
import sys

import cmarkgfm


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.rows, self.tags, self.blocks, self.text = [], set(), [], None

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th", "pre"):
            self.text = ""

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.rows[-1].append(self.text)
        if tag == "pre":
            self.blocks.append(self.text)
        if tag in ("td", "th", "pre"):
            self.text = None

    def handle_data(self, data):
        if self.text is not None:
            self.text += data


reader = Reader()
reader.feed(cmarkgfm.github_flavored_markdown_to_html(sys.stdin.read()))
print(json.dumps({"rows": reader.rows, "tags": sorted(reader.tags), "blocks": reader.blocks}))
