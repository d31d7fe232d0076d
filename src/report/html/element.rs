//! Elements of a page, as a tree of which the text is made.
//!
//! Texts and attributes are escaped when they are written, so that no name of a file can become markup, and every
//! element is closed. Only what this program made itself goes in as it is: charts, style and script.

use crate::report::text::clean;

/// An element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Element(Element),
    Text(String),
    Markup(String),
}

/// Elements that have no content and no end.
const VOID: [&str; 4] = ["br", "input", "meta", "wbr"];
/// Elements within a line: after others the text goes on in a new one.
const IN_LINE: [&str; 9] = [
    "a", "br", "code", "span", "small", "strong", "wbr", "input", "label",
];

/// An element without attributes and content.
pub(super) fn el(name: &'static str) -> Element {
    Element {
        name,
        attributes: Vec::new(),
        children: Vec::new(),
    }
}

impl Element {
    /// With an attribute.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Element {
        self.attributes.push((name, value.into()));
        self
    }

    /// With a text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Element {
        self.children.push(Node::Text(text.into()));
        self
    }

    /// With an element in it.
    #[must_use]
    pub fn child(mut self, child: Element) -> Element {
        self.children.push(Node::Element(child));
        self
    }

    /// With elements in it.
    #[must_use]
    pub fn children(mut self, children: impl IntoIterator<Item = Element>) -> Element {
        self.children
            .extend(children.into_iter().map(Node::Element));
        self
    }

    /// With markup of this program's own making, as it is.
    #[must_use]
    pub fn markup(mut self, markup: impl Into<String>) -> Element {
        self.children.push(Node::Markup(markup.into()));
        self
    }

    /// Writes it.
    pub fn write(&self, page: &mut String) {
        page.push('<');
        page.push_str(self.name);
        for (name, value) in &self.attributes {
            page.push_str(&format!(" {name}=\"{}\"", escaped(value)));
        }
        page.push('>');
        if !VOID.contains(&self.name) {
            for child in &self.children {
                match child {
                    Node::Element(element) => element.write(page),
                    Node::Text(text) => page.push_str(&escaped(text)),
                    Node::Markup(markup) => page.push_str(markup),
                }
            }
            page.push_str(&format!("</{}>", self.name));
        }
        if !IN_LINE.contains(&self.name) {
            page.push('\n');
        }
    }
}

/// A text as it may stand in an element or an attribute; what is no character of HTML is made visible.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(element: &Element) -> String {
        let mut page = String::new();
        element.write(&mut page);
        page
    }

    #[test]
    fn texts_and_attributes_are_escaped() {
        let hostile = "<script>alert('a & \"b\"')</script>\u{0}";
        let text = written(&el("p").with("title", hostile).text(hostile));
        let safe = "&lt;script&gt;alert(&#39;a &amp; &quot;b&quot;&#39;)&lt;/script&gt;\u{fffd}";
        assert_eq!(text, format!("<p title=\"{safe}\">{safe}</p>\n"));
    }

    #[test]
    fn what_has_no_content_has_no_end() {
        let text = written(
            &el("p")
                .text("a")
                .child(el("br"))
                .child(el("code").text("b")),
        );
        assert_eq!(text, "<p>a<br><code>b</code></p>\n");
    }
}
