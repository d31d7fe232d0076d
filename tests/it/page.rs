//! `report.html` in a browser: axe-core finds nothing to object to.
//!
//! axe-core is not part of this repository: the environment variable LANDFALL_AXE names its axe.min.js.

use std::path::Path;
use std::process::Command;

use crate::cli::ended;

const SCENARIO: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/scenarios/serverless-canary.toml"
);

/// The name of a browser that starts.
fn chromium() -> Option<&'static str> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    names.into_iter().find(|name| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    })
}

/// What axe-core finds on a page, as JSON: the names of broken rules and where.
fn violations(browser: &str, page: &Path, axe: &str, folder: &Path) -> String {
    let text = std::fs::read_to_string(page).expect("the page");
    // The page's own policy forbids any script but its own.
    let (before, rest) = text
        .split_once("<meta http-equiv=\"Content-Security-Policy\"")
        .expect("the policy");
    let (_, rest) = rest.split_once('>').expect("its end");
    let run = "axe.run({ resultTypes: ['violations'] }).then((found) => {
        const broken = found.violations.map((v) => [v.id, v.nodes.map((n) => n.html)]);
        document.body.replaceChildren(JSON.stringify(broken) + ' found by axe');
    });";
    let axe = axe.replace("</script", "<\\/script");
    let scripts = format!("<script>{axe}</script><script>{run}</script></body>");
    let watched = format!("{before}{rest}").replace("</body>", &scripts);
    let path = folder.join("watched.html");
    std::fs::write(&path, watched).expect("a file");
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .arg("--virtual-time-budget=60000")
        .arg(format!(
            "--user-data-dir={}",
            folder.join("profile").display()
        ))
        .arg(format!("file://{}", path.display()))
        .output()
        .expect("the browser starts");
    let dom = String::from_utf8_lossy(&output.stdout);
    let body = dom.split_once("<body>").map_or("", |(_, body)| body);
    let (found, _) = body.split_once(" found by axe").expect("axe ran");
    found.to_owned()
}

#[test]
#[expect(
    clippy::print_stderr,
    reason = "a test that was passed over must be seen to be"
)]
fn axe_finds_nothing() {
    let axe = std::env::var("LANDFALL_AXE").ok();
    let (Some(axe), Some(browser)) = (axe, chromium()) else {
        eprintln!("passed over: needs Chromium, and axe-core's axe.min.js in LANDFALL_AXE");
        return;
    };
    let axe = std::fs::read_to_string(axe).expect("LANDFALL_AXE names a file");
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("text");
    for theme in ["light", "dark", "print"] {
        for command in [
            &["compare", SCENARIO][..],
            &[
                "simulate",
                SCENARIO,
                "--strategy",
                "10% for 5 minutes, ratio",
            ],
        ] {
            let options = ["--runs", "60", "--theme", theme, "--out", out, "-q"];
            let (code, _, err) = ended(&[command, &options].concat());
            assert_eq!(code, Some(0), "{err}");
            let page = folder.path().join("report.html");
            let found = violations(browser, &page, &axe, folder.path());
            assert_eq!(found, "[]", "{theme}, {}", command[0]);
        }
    }
}
