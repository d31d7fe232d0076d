//! Scenes as SVG and PNG.
//!
//! Both are drawn at a multiple of their size: an SVG because its places are whole numbers, a PNG because shapes have
//! no soft edges, which averaging over the finer pixels gives them.

use std::borrow::Cow;

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBColor, ShapeStyle, TextStyle};

use super::font;
use super::scene::{Align, Frame, Ink, Item, Point, Role, Scene, Text};
use super::theme::Theme;
use crate::report::text::clean;

/// Pixels of a PNG for one of the scene, along a side.
const SHARPNESS: u32 = 2;
/// Finer pixels that are averaged to one, along a side.
const SMOOTHNESS: u32 = 2;
/// Most fine pixels of a picture that is sharp: some 180 MB.
const MOST_PIXELS: u64 = 60_000_000;
/// Whole places of an SVG in one pixel.
const FINENESS: u32 = 8;

/// A picture in both forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    /// As SVG.
    pub svg: String,
    /// As PNG, at twice the size (where that is not too large), for dense screens.
    pub png: Vec<u8>,
}

/// A picture that could not be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the chart could not be drawn: {0}")]
pub struct PaintError(String);

/// Draws a scene in the colours of a theme.
///
/// # Errors
/// What the drawing library says; none is known for scenes of finite places.
pub fn paint(scene: &Scene, theme: Theme) -> Result<Images, PaintError> {
    Ok(Images {
        svg: svg(scene, theme)?,
        png: png(scene, theme)?,
    })
}

fn svg(scene: &Scene, theme: Theme) -> Result<String, PaintError> {
    let (width, height) = (scene.width, scene.height);
    let mut text = String::new();
    let size = (width * FINENESS, height * FINENESS);
    draw(
        SVGBackend::with_string(&mut text, size),
        scene,
        Medium::svg(theme),
    )?;
    // Shown at the size of the scene, whatever the fineness; and with a title for screen readers.
    let fine = format!("<svg width=\"{}\" height=\"{}\"", size.0, size.1);
    let (_, rest) = text
        .split_once(&fine)
        .ok_or_else(|| PaintError("no SVG".to_owned()))?;
    let (attributes, content) = rest
        .split_once('>')
        .ok_or_else(|| PaintError("no SVG".to_owned()))?;
    let title = escaped(&scene.title);
    let (content, _) = content
        .rsplit_once("</svg>")
        .ok_or_else(|| PaintError("no SVG".to_owned()))?;
    let spots = spots(scene);
    Ok(format!(
        "<svg width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{title}\"{attributes}>\n\
         <title>{title}</title>{content}{spots}</svg>\n"
    ))
}

/// The places of which something is told: nothing to be seen, above all that is. Viewers show the title to whoever
/// points at one.
fn spots(scene: &Scene) -> String {
    if scene.spots.is_empty() {
        return String::new();
    }
    let mut text = "<g fill-opacity=\"0\">\n".to_owned();
    for spot in &scene.spots {
        let whole = |x: f64| libm::round(x * f64::from(FINENESS)) as i32;
        let Frame {
            left,
            top,
            right,
            bottom,
        } = spot.frame;
        text.push_str(&format!(
            "<rect data-strategy=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{}</title></rect>\n",
            escaped(&clean(&spot.strategy)),
            whole(left),
            whole(top),
            whole(right - left),
            whole(bottom - top),
            escaped(&clean(&spot.text))
        ));
    }
    text.push_str("</g>\n");
    text
}

fn png(scene: &Scene, theme: Theme) -> Result<Vec<u8>, PaintError> {
    let sharpness = sharpness(scene);
    let fine = sharpness * SMOOTHNESS;
    let size = (scene.width * fine, scene.height * fine);
    let mut pixels = vec![0; size.0 as usize * size.1 as usize * 3];
    draw(
        BitMapBackend::with_buffer(&mut pixels, size),
        scene,
        Medium::bitmap(fine, theme),
    )?;
    let (width, height) = (scene.width * sharpness, scene.height * sharpness);
    encoded(
        &averaged(&pixels, width as usize, height as usize),
        width,
        height,
    )
    .map_err(|e| PaintError(e.to_string()))
}

/// Pixels along a side for one of the scene: one where a large picture would take too much memory.
fn sharpness(scene: &Scene) -> u32 {
    let fine = u64::from(SHARPNESS * SMOOTHNESS);
    let pixels = u64::from(scene.width) * u64::from(scene.height) * fine * fine;
    if pixels > MOST_PIXELS { 1 } else { SHARPNESS }
}

/// Each pixel the mean of those that it is made of.
fn averaged(fine: &[u8], width: usize, height: usize) -> Vec<u8> {
    let each = SMOOTHNESS as usize;
    let row = width * each * 3;
    let mut pixels = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let first = y * each * row + x * each * 3 + channel;
                let square = (0..each * each).map(|i| fine[first + i / each * row + i % each * 3]);
                let sum: usize = square.map(usize::from).sum();
                pixels.push(((sum + each * each / 2) / (each * each)) as u8);
            }
        }
    }
    pixels
}

fn encoded(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    // Flat colours repeat as they are: no prediction makes such pictures smaller.
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

/// How places and letters of a scene become those of a drawing library's backend.
#[derive(Clone, Copy, Debug)]
struct Medium {
    theme: Theme,
    scale: f64,
    /// Height that is asked for to get letters of one em.
    line: f64,
    /// From the top of a text to its baseline, in ems.
    baseline: f64,
}

impl Medium {
    /// Writes font-size as 1/1.24 of the height asked for, and moves the baseline by 0.76 em.
    fn svg(theme: Theme) -> Medium {
        Medium {
            theme,
            scale: f64::from(FINENESS),
            line: 1.24,
            baseline: 0.76,
        }
    }

    /// Takes the height asked for as that of a line, and has the baseline in its middle.
    fn bitmap(scale: u32, theme: Theme) -> Medium {
        Medium {
            theme,
            scale: f64::from(scale),
            line: font::LINE,
            baseline: font::LINE / 2.0,
        }
    }

    fn place(self, point: Point) -> (i32, i32) {
        let whole = |x: f64| libm::round(x * self.scale) as i32;
        (whole(point.x), whole(point.y))
    }

    fn color(self, ink: Ink) -> RGBColor {
        let [red, green, blue] = self.theme.rgb(ink);
        RGBColor(red, green, blue)
    }

    fn width(self, width: f64) -> u32 {
        libm::round(width * self.scale).max(1.0) as u32
    }
}

fn draw<B: DrawingBackend>(backend: B, scene: &Scene, medium: Medium) -> Result<(), PaintError> {
    let area = backend.into_drawing_area();
    let failed = |e: &dyn std::fmt::Display| PaintError(e.to_string());
    let paper = medium.color(Ink::of(Role::Paper));
    area.fill(&paper).map_err(|e| failed(&e))?;
    for item in &scene.items {
        let drawn = match item {
            Item::Line {
                through,
                width,
                ink,
            } => {
                let style: ShapeStyle = medium.color(*ink).stroke_width(medium.width(*width));
                area.draw(&PathElement::new(places(through, medium), style))
            }
            Item::Area { corners, ink } => area.draw(&Polygon::new(
                places(corners, medium),
                medium.color(*ink).filled(),
            )),
            Item::Disc {
                middle,
                radius,
                ink,
            } => {
                let radius = medium.width(*radius);
                area.draw(&Circle::new(
                    medium.place(*middle),
                    radius,
                    medium.color(*ink).filled(),
                ))
            }
            Item::Text(text) => write(&area, text, medium),
        };
        drawn.map_err(|e| failed(&e))?;
    }
    area.present().map_err(|e| failed(&e))
}

fn write<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    text: &Text,
    medium: Medium,
) -> Result<(), plotters::drawing::DrawingAreaErrorKind<B::ErrorType>> {
    let letters = font::letters(text.size * medium.scale * medium.line, text.weight);
    let side = match text.align {
        Align::Start => HPos::Left,
        Align::Middle => HPos::Center,
        Align::End => HPos::Right,
    };
    let ink = medium.color(text.ink);
    let style = TextStyle::from(letters)
        .color(&ink)
        .pos(Pos::new(side, VPos::Top));
    let top = text.at.y - medium.baseline * text.size;
    area.draw(&plotters::element::Text::new(
        Cow::from(text.text.as_str()),
        medium.place(Point {
            x: text.at.x,
            y: top,
        }),
        style,
    ))
}

fn places(points: &[Point], medium: Medium) -> Vec<(i32, i32)> {
    points.iter().map(|&p| medium.place(p)).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::font::Weight;
    use super::super::scene::at;
    use super::*;

    fn example() -> Scene {
        let mut scene = Scene::new(40, 20, "a < b & \"c\"");
        scene.items.push(Item::Area {
            corners: vec![at(0.0, 0.0), at(20.0, 0.0), at(20.0, 20.0), at(0.0, 20.0)],
            ink: Ink::of(Role::Hit),
        });
        scene.write(Text {
            at: at(30.0, 15.0),
            align: Align::Middle,
            text: "<M>".to_owned(),
            size: 8.0,
            weight: Weight::Regular,
            ink: Ink::of(Role::Text),
        });
        scene
    }

    #[test]
    fn svg_has_the_size_and_title_of_the_scene() {
        let svg = svg(&example(), Theme::Light).unwrap();
        let head = "<svg width=\"40\" height=\"20\" role=\"img\" aria-label=\"a &lt; b &amp; &quot;c&quot;\" \
                    viewBox=\"0 0 320 160\" xmlns=\"http://www.w3.org/2000/svg\">\n\
                    <title>a &lt; b &amp; &quot;c&quot;</title>";
        assert!(svg.starts_with(head), "{svg}");
        assert!(svg.contains("&lt;M&gt;"), "{svg}");
        assert!(svg.contains("font-size=\"64\""), "{svg}");
        assert!(svg.trim_end().ends_with("</svg>"), "{svg}");
    }

    #[test]
    fn spots_tell_and_show_nothing() {
        let mut scene = example();
        let plain = paint(&scene, Theme::Light).unwrap();
        let frame = Frame::around(at(10.0, 10.0), 5.0, 2.5);
        scene.tell(frame, "<a\u{7}>", ": 4 & 5".to_owned());
        let told = paint(&scene, Theme::Light).unwrap();
        assert_eq!(told.png, plain.png);
        let spot = "<g fill-opacity=\"0\">\n<rect data-strategy=\"&lt;a\u{fffd}&gt;\" x=\"40\" y=\"60\" width=\"80\" \
                    height=\"40\"><title>&lt;a\u{fffd}&gt;: 4 &amp; 5</title></rect>\n</g>\n</svg>\n";
        assert!(told.svg.ends_with(spot), "{}", told.svg);
    }

    #[test]
    fn png_is_drawn_at_twice_the_size() {
        let bytes = png(&example(), Theme::Light).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), (80, 40));
        let pixel = |x: usize, y: usize| &pixels[(y * 80 + x) * 3..][..3];
        assert_eq!(pixel(10, 20), [213, 94, 0]);
        assert_eq!(pixel(79, 1), [255, 255, 255]);
        // Letters are there, on the baseline and above it.
        let dark = |y: usize| (45..78).any(|x| pixel(x, y)[0] < 100);
        assert!(
            dark(27) && !dark(34) && !dark(14),
            "the letters are not where they belong"
        );
    }

    #[test]
    fn averaging_softens_edges() {
        let row = [[0, 0, 0], [255; 3], [255; 3], [255; 3]].concat();
        let fine = [row.clone(), row].concat();
        assert_eq!(averaged(&fine, 2, 1), [128, 128, 128, 255, 255, 255]);
    }
}
