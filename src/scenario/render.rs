//! Mistakes as text for people.

use std::path::Path;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{
    AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
};

use super::problem::{Problem, Problems};
use super::source::{Place, Texts};

/// The most lines of a file that one mistake shows.
const MOST_LINES: usize = 6;

/// The longest line shown in full, in bytes: a file of one long line is not repeated for each mistake.
const LONGEST_LINE: usize = 2_000;

/// All mistakes, one after the other, and how many there are.
pub(super) fn render(problems: &Problems, color: bool) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut text = String::new();
    for (number, problem) in problems.list.iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        text.push_str(&one(problem, &problems.texts, &renderer));
        text.push('\n');
    }
    if problems.more > 0 {
        text.push_str(&format!("\n... and {} more\n", problems.more));
    }
    text
}

fn one(problem: &Problem, texts: &Texts, renderer: &Renderer) -> String {
    let title = normalize_untrusted_str(&problem.rule);
    let mut group = Group::with_title(Level::ERROR.primary_title(title));
    let label = problem.label.as_deref().map(normalize_untrusted_str);
    group = shown(group, texts, problem.at, AnnotationKind::Primary, label);
    if let Some((at, why)) = &problem.also {
        group = shown(
            group,
            texts,
            *at,
            AnnotationKind::Context,
            Some(why.clone()),
        );
    }
    if let Some(nearest) = &problem.nearest {
        let hint = format!("did you mean `{nearest}`?");
        group = group.element(Level::HELP.message(normalize_untrusted_str(&hint)));
    }
    if let Some(mend) = &problem.mend {
        group = group.element(Level::HELP.message(normalize_untrusted_str(mend)));
    }
    renderer.render(&[group])
}

fn shown<'a>(
    group: Group<'a>,
    texts: &Texts,
    at: Place,
    kind: AnnotationKind,
    label: Option<String>,
) -> Group<'a> {
    let at = texts.written(at);
    let path = name(&texts.source(at.file).path);
    if at == Place::top(at.file) {
        // About the file as a whole: no line is to blame.
        return group.element(Origin::path(path));
    }
    let (line, begin, text) = texts.lines_around(at, MOST_LINES);
    let start = at.start - begin;
    let end = (at.end.max(at.start) - begin).min(text.len()).max(start);
    if text.len() > LONGEST_LINE || start > text.len() {
        let position = texts.position(at);
        let origin = Origin::path(path).line(position.line);
        return group.element(origin.char_column(position.column));
    }
    let annotation = kind.span(start..end).label(label);
    // A space for the first half of a Windows line end, so that places stay what they are.
    let snippet = Snippet::source(text.replace('\r', " "))
        .path(path)
        .line_start(line)
        .annotation(annotation);
    group.element(snippet)
}

fn name(path: &Path) -> String {
    normalize_untrusted_str(&path.display().to_string())
}

/// Something to be said about a place.
#[derive(Clone, Copy, Debug)]
pub struct Remark<'r> {
    /// `error`, `warning` or `note`.
    pub level: &'r str,
    /// What is so.
    pub title: &'r str,
    /// What to do about it.
    pub help: Option<&'r str>,
}

/// A remark with its place.
pub(super) fn remark(remark: &Remark<'_>, place: Option<(&Texts, Place)>, color: bool) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let level = match remark.level {
        "error" => Level::ERROR,
        "warning" => Level::WARNING,
        _ => Level::NOTE,
    };
    let title = normalize_untrusted_str(remark.title);
    let mut group = Group::with_title(level.primary_title(title));
    if let Some((texts, at)) = place {
        group = shown(group, texts, at, AnnotationKind::Primary, None);
    }
    if let Some(help) = remark.help {
        group = group.element(Level::HELP.message(normalize_untrusted_str(help)));
    }
    renderer.decor_style(DecorStyle::Ascii).render(&[group])
}
