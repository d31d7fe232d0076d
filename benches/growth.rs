//! How the cost of a rollout grows: with zones, steps, bakes, periods and watches, on one core.
//!
//! `cargo bench --bench growth` prints a table, and draws it into `target/growth.svg`. Worlds are like the yardstick
//! (`yardstick.toml`), one thing changed at a time; each has ten times as much traffic, so that alarms see little noise.
//! Times are the least of several runs.
#![allow(
    clippy::print_stdout,
    reason = "a bench has nobody else to tell its figures to"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use landfall::engine::{Engine, Scratch};
use landfall::plan::Stratum;
use landfall::replicate::{self, Sampling, Settings, Silent};
use plotters::prelude::*;

const RUNS: usize = 7;
/// Time for which one run goes on.
const LASTS: Duration = Duration::from_millis(150);

fn main() {
    let curves = [
        curve("zones", "zones", &[3, 9, 30, 75, 150, 300, 600], |zones| {
            World {
                regions: zones / 3,
                ..World::default()
            }
        }),
        curve("steps", "steps", &[1, 2, 4, 8, 16, 32], |steps| World {
            steps,
            ..World::default()
        }),
        curve("bake, flat traffic", "h", &[1, 10, 100], |bake_h| World {
            bake_h,
            ..World::default()
        }),
        curve("bake, daily traffic", "h", &[1, 10, 100], |bake_h| World {
            bake_h,
            daily: true,
            ..World::default()
        }),
        curve("bake, incidents", "h", &[1, 10, 100], |bake_h| World {
            bake_h,
            incidents: true,
            ..World::default()
        }),
        curve("period", "s", &[10, 60, 600], |period_s| World {
            period_s,
            bake_h: 10,
            ..World::default()
        }),
        curve("watch", "d", &[1, 10, 100], |watch_d| World {
            watch_d,
            ..World::default()
        }),
    ];
    for curve in &curves {
        print(curve);
    }
    draw(&curves).expect("target/ can be written to");
    threads();
    memory();
}

/// What is measured: a world in a few words.
#[derive(Clone, Copy)]
struct World {
    regions: u64,
    /// Steps after the first box.
    steps: u64,
    bake_h: u64,
    period_s: u64,
    watch_d: u64,
    daily: bool,
    incidents: bool,
}

impl Default for World {
    fn default() -> World {
        World {
            regions: 25,
            steps: 1,
            bake_h: 1,
            period_s: 60,
            watch_d: 0,
            daily: false,
            incidents: false,
        }
    }
}

impl World {
    fn text(self) -> String {
        let World {
            regions,
            steps,
            bake_h,
            period_s,
            watch_d,
            ..
        } = self;
        let mut text = format!(
            "format = 1\n[scenario]\nstart = \"2026-03-02T09:00:00Z\"\nwatch = \"{watch_d}d\"\nhorizon = \"150d\"\n"
        );
        let profile = if self.daily { "consumer" } else { "flat" };
        for region in 1..=regions {
            let _ = writeln!(
                text,
                "[region.r{region}]\nzones = 3\nboxes_per_zone = 40\nrps = 12_000\ntz = \"UTC\"\nprofile = \"{profile}\""
            );
        }
        if self.incidents {
            text += "[incidents.trouble]\nscope = \"region\"\nrate = \"1 per month\"\nlasts = \"30m\"\nadds = { errors = \"0.1%\" }\n";
        }
        let _ = write!(
            text,
            r#"
[sli.errors]
base = "0.1%"
[change]
bad = "50%"
[fault.leak]
weight  = 1
trigger = {{ delay = "exp(mean=2h)", scope = "fleet" }}
adds    = {{ errors = "2%" }}
[alarm.one-box]
scope  = "one-box"
when   = "errors > 1%"
period = "{period_s}s"
datapoints = "3 of 5"
watches = "step"
[alarm.zone]
scope  = "zone"
when   = "errors > 1%"
period = "{period_s}s"
datapoints = "3 of 5"
watches = "watch"
[rollback]
takes = "3m to 12m"
[strategy.s]
zones = {{ batches = ["rest"] }}
waves = [{{ regions = "rest", parallel = {regions} }}]
steps = [
  {{ to = "one-box", takes = "2m to 6m", bake = "{bake_h}h" }},
"#
        );
        for step in 1..=steps {
            let share = 100.0 * step as f64 / steps as f64;
            let _ = writeln!(text, "  {{ to = \"{share}%\", takes = \"5m to 12m\" }},");
        }
        text + "]\n"
    }
}

/// Microseconds of a rollout of either kind, world by world.
struct Curve {
    name: &'static str,
    unit: &'static str,
    points: Vec<(u64, [f64; 2])>,
}

fn curve(
    name: &'static str,
    unit: &'static str,
    sizes: &[u64],
    world: impl Fn(u64) -> World,
) -> Curve {
    let point = |&size: &u64| {
        let text = world(size).text();
        let scenario = landfall::scenario::parse(&text)
            .unwrap_or_else(|problems| panic!("{}", problems.render(false)));
        let engine = Engine::new(&scenario.plan, 0);
        let us = [Stratum::FaultFree, Stratum::Fault(0)].map(|s| microseconds(&engine, s));
        (size, us)
    };
    let points = sizes.iter().map(point).collect();
    Curve { name, unit, points }
}

fn microseconds(engine: &Engine<'_>, stratum: Stratum) -> f64 {
    let mut scratch = Scratch::default();
    let mut run = || {
        let begun = Instant::now();
        let mut number = 0;
        while begun.elapsed() < LASTS {
            black_box(engine.simulate(1, stratum, number, &mut scratch));
            number += 1;
        }
        begun.elapsed().as_secs_f64() * 1e6 / number as f64
    };
    (0..RUNS).map(|_| run()).fold(f64::INFINITY, f64::min)
}

fn print(curve: &Curve) {
    println!("{}", curve.name);
    let first = curve.points[0].1;
    for (size, us) in &curve.points {
        println!(
            "{size:>8} {:<6} {:>9.1} us fault-free ({:>5.2} times the first) {:>9.1} us faulty ({:>5.2})",
            curve.unit,
            us[0],
            us[0] / first[0],
            us[1],
            us[1] / first[1]
        );
    }
}

/// Rollouts a second of 1 and 2 threads.
fn threads() {
    let world = World::default().text();
    let scenario = landfall::scenario::parse(&world).expect("a world");
    let rate = |threads| {
        let settings = Settings {
            seed: 1,
            runs: 20_000,
            threads: Some(threads),
            sampling: Sampling::Stratified,
            level: 0.95,
            courses: 0,
        };
        let begun = Instant::now();
        replicate::run(&scenario.plan, &[0], &settings, &mut Silent).expect("a run");
        20_000.0 / begun.elapsed().as_secs_f64()
    };
    let best = |threads| (0..3).map(|_| rate(threads)).fold(0.0, f64::max);
    let (one, two) = (best(1), best(2));
    println!(
        "threads\n       1        {one:>9.0} rollouts/s\n       2        {two:>9.0} rollouts/s ({:.2} times)",
        two / one
    );
}

/// The most memory that the process has had so far, after more and more rollouts; only Linux tells.
fn memory() {
    println!("memory");
    let world = World {
        regions: 1,
        ..World::default()
    };
    let scenario = landfall::scenario::parse(&world.text()).expect("a world");
    for runs in [10_000, 100_000, 1_000_000, 10_000_000] {
        let settings = Settings {
            seed: 1,
            runs,
            threads: Some(2),
            sampling: Sampling::Stratified,
            level: 0.95,
            courses: 0,
        };
        replicate::run(&scenario.plan, &[0], &settings, &mut Silent).expect("a run");
        let peak = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let peak = peak.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        println!(
            "{runs:>8} rollouts {:>14}",
            peak.map_or("unknown", str::trim)
        );
    }
}

/// Two panels: what costs grow with, and what they hardly grow with.
fn draw(curves: &[Curve]) -> Result<(), Box<dyn std::error::Error>> {
    let font = include_bytes!("../assets/fonts/DejaVuSans-subset.ttf");
    plotters::style::register_font("sans-serif", FontStyle::Normal, font)
        .map_err(|_| "the font is whole")?;
    std::fs::create_dir_all("target")?;
    let area = SVGBackend::new("target/growth.svg", (900, 360)).into_drawing_area();
    area.fill(&WHITE)?;
    let (left, right) = area.split_horizontally(450);
    panel(
        &left,
        "Proportional to zones and steps",
        &curves[..2],
        "zones, or steps after the first box",
    )?;
    panel(
        &right,
        "Flat in bakes, periods and watches, but for incidents",
        &curves[2..],
        "times as long as the shortest",
    )?;
    area.present()?;
    Ok(())
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

fn panel(
    area: &Area<'_>,
    title: &str,
    curves: &[Curve],
    x: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let relative = curves.len() > 2;
    let across = |curve: &Curve, size: u64| {
        if relative {
            size as f64 / curve.points[0].0 as f64
        } else {
            size as f64
        }
    };
    let widest = curves
        .iter()
        .flat_map(|c| c.points.iter().map(move |p| across(c, p.0)))
        .fold(1.0, f64::max);
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 15))
        .margin(8)
        .x_label_area_size(36)
        .y_label_area_size(56)
        .build_cartesian_2d((0.9..widest * 1.3).log_scale(), (0.1..1_000.0).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| format!("{y:.0}"))
        .x_desc(x)
        .y_desc("µs a fault-free rollout, one core")
        .draw()?;
    let marks = [
        BLACK,
        RGBColor(0, 114, 178),
        RGBColor(213, 94, 0),
        RGBColor(0, 158, 115),
        RGBColor(204, 121, 167),
    ];
    for (place, (curve, colour)) in curves.iter().zip(marks).enumerate() {
        let points = || {
            curve
                .points
                .iter()
                .map(|(size, us)| (across(curve, *size), us[0]))
        };
        chart
            .draw_series(LineSeries::new(points(), colour.stroke_width(2)))?
            .label(curve.name)
            .legend(move |middle| {
                Circle::new(middle, 2 + 2 * place as i32, colour.stroke_width(2))
            });
        // Rings of different sizes: no colours are needed to tell curves apart.
        let size = 2 + 2 * place as i32;
        chart
            .draw_series(points().map(|point| Circle::new(point, size, colour.stroke_width(1))))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE)
        .draw()?;
    Ok(())
}
