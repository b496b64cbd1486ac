//! What the live table costs, and how soon it shows what happens.

use std::ops::Range;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use lease_tests::{ApiServer, Client, Renewals, Screen, Terminal};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::figures::{Figures, milliseconds};
use crate::page::{Section, verdict};
use crate::sample::{Run, Sample, interleaved, program};
use crate::{MANY, seed};

const COLUMNS: u16 = 200;
const LINES: u16 = 50;

/// How long its processor time is measured.
const WHILE: Duration = Duration::from_secs(20);
/// Until what the start caused is over.
const SETTLED: Duration = Duration::from_secs(3);
/// How many changes a second a large cluster has.
const CHANGES: u32 = 200;
/// Leases that are over, and on the first screen: a renewal is seen by how they stand.
const EXPIRED: usize = 30;
const KEY_ROUNDS: usize = 100;
/// How often each of those leases is renewed. They are over again in between.
const RENEWAL_ROUNDS: usize = 4;

/// The goals.
const IDLE_PERCENT: f64 = 1.0;
const BUSY_PERCENT: f64 = 5.0;
const MOST_MEMORY: u64 = 80_000_000;
const FIRST_PICTURE: Duration = Duration::from_millis(500);
const KEY: Duration = Duration::from_millis(50);
const RENEWAL: Duration = Duration::from_millis(150);

const CTRL_C: &str = "\u{3}";
const CTRL_F: &str = "\u{6}";
const ESC: &str = "\u{1b}";

/// The first row, and one of the first screen that is not on the next ones.
const FIRST: &str = "a-lock-00";
/// Where the first row is.
const FIRST_LINE: u16 = 2;
/// A word of the page that tells the keys.
const HELP: &str = "this help";
/// What can be typed after `/`.
const FILTER_HINT: &str = "state:expired";

pub(crate) fn measure(runtime: &Runtime, plugin: &Path) -> Vec<Section> {
    println!("starting an API server");
    let server = ApiServer::start();
    let admin = server.admin();
    println!("creating {MANY} leases");
    let expired = (0..EXPIRED).map(|number| format!("a-lock-{number:02}"));
    let kubeconfig = admin.kubeconfig();
    runtime.block_on(seed::create(kubeconfig, "default", expired, 2));
    let others = (EXPIRED..MANY).map(name);
    runtime.block_on(seed::create(kubeconfig, "default", others, 3600));

    println!("measuring the first picture");
    let starts = first_picture(admin, plugin);
    println!("measuring the table");
    let mut table = Table::open(admin, plugin);
    table.terminal.watch(SETTLED);
    let idle = table.percent();
    println!("idle: {idle:.1} % of a core");
    let anywhere = table.busy(admin, EXPIRED..MANY);
    println!("changing: {:.1} %", anywhere.percent);
    let to_be_seen = table.busy(admin, EXPIRED..EXPIRED + 10);
    println!("measuring keys and renewals");
    let (keys, seen) = {
        let _renewals = renewals(admin, EXPIRED..MANY);
        (table.keys(), table.renewals(admin))
    };
    let peak = table.terminal.usage().peak;
    table.close();
    vec![
        cost(idle, &anywhere, &to_be_seen, peak, starts),
        latencies(&keys, &seen),
    ]
}

/// What it takes of a core while so many renewals come.
struct Busy {
    percent: f64,
    per_second: f64,
}

fn cost(
    idle: f64,
    anywhere: &Busy,
    to_be_seen: &Busy,
    peak: u64,
    [picture, list]: [Duration; 2],
) -> Section {
    let percent = |percent: f64| format!("{percent:.1} %");
    let busy = |busy: &Busy| {
        let is_reached = busy.percent < BUSY_PERCENT;
        format!("under {BUSY_PERCENT} % {}", verdict(is_reached))
    };
    let came = |busy: &Busy| format!("{:.0} changes a second", busy.per_second);
    let row = |cells: [String; 4]| cells.to_vec();
    let none = String::new();
    Section {
        title: format!("The live table of {MANY} leases, on a terminal of {COLUMNS} x {LINES}"),
        note: "Of one core, by the process's own user and system time over 20 s. Beside it what k9s 0.50\n\
               was measured to take for the same work, in another run.",
        columns: &["", "`kubectl-lease watch -A`", "k9s, recorded", "goal"],
        rows: vec![
            row([
                "nothing changes".to_owned(),
                percent(idle),
                "17 %".to_owned(),
                format!("under {IDLE_PERCENT} % {}", verdict(idle < IDLE_PERCENT)),
            ]),
            row([
                came(anywhere),
                percent(anywhere.percent),
                "20 %".to_owned(),
                busy(anywhere),
            ]),
            row([
                format!("{}, all on the screen", came(to_be_seen)),
                percent(to_be_seen.percent),
                none.clone(),
                busy(to_be_seen),
            ]),
            row([
                "peak memory, all of it done".to_owned(),
                format!("{} MB", peak / 1_000_000),
                "350 MB".to_owned(),
                format!(
                    "under {} MB {}",
                    MOST_MEMORY / 1_000_000,
                    verdict(peak < MOST_MEMORY)
                ),
            ]),
            row([
                "first picture since the start".to_owned(),
                format!(
                    "{}; `ls -A` takes {}",
                    milliseconds(picture),
                    milliseconds(list)
                ),
                none,
                format!(
                    "{} ms after `ls -A` {}",
                    FIRST_PICTURE.as_millis(),
                    verdict(picture < list + FIRST_PICTURE)
                ),
            ]),
        ],
    }
}

fn latencies(keys: &[(&'static str, Figures)], seen: &Figures) -> Section {
    let row = |what: String, times: &Figures, most: Duration| {
        vec![
            what,
            milliseconds(times.median()),
            milliseconds(times.percentile(99)),
            milliseconds(times.longest()),
            format!(
                "p99 within {} ms {}",
                most.as_millis(),
                verdict(times.percentile(99) <= most)
            ),
        ]
    };
    let mut rows: Vec<_> = keys
        .iter()
        .map(|(key, times)| row(format!("`{key}`"), times, KEY))
        .collect();
    rows.push(row(
        "a renewal, since the server answered the write".to_owned(),
        seen,
        RENEWAL,
    ));
    Section {
        title: format!("The live table, until it is seen, at {CHANGES} changes a second"),
        note: "From the key, or the end of the write, to the last byte that shows it.",
        columns: &["", "median", "p99", "longest", "goal"],
        rows,
    }
}

/// From the start until the table is there, and until `ls -A` of the same leases has ended.
fn first_picture(admin: &Client, plugin: &Path) -> [Duration; 2] {
    let rows = interleaved(
        7,
        vec![
            (
                Sample::new("watch"),
                Box::new(|| {
                    let started = Instant::now();
                    let mut table = Terminal::start(&command(admin, plugin), COLUMNS, LINES);
                    let seen = table.wait_until(|screen| screen.contents().contains(FIRST));
                    let peak = table.usage().peak;
                    table.press(CTRL_C);
                    table.ended();
                    Run {
                        wall: seen - started,
                        peak,
                    }
                }),
            ),
            (
                Sample::new("ls"),
                Box::new(|| {
                    let mut command = admin.command(plugin);
                    command.args(["ls", "-A"]);
                    program(admin, &command)
                }),
            ),
        ],
    );
    [rows[0].median(), rows[1].median()]
}

fn command(admin: &Client, plugin: &Path) -> Command {
    let mut command = admin.command(plugin);
    command.args(["watch", "-A"]);
    command
}

fn name(number: usize) -> String {
    format!("lock-{number:05}")
}

/// Renews these, each at another place of the list than the one before.
fn renewals(admin: &Client, numbers: Range<usize>) -> Renewals {
    // A prime step meets each number once.
    let count = numbers.len();
    let names = (0..count).map(|index| name(numbers.start + index * 7919 % count));
    admin
        .writer()
        .keep_renewing("default", names.collect(), CHANGES)
}

/// The program on its terminal.
struct Table {
    terminal: Terminal,
}

impl Table {
    fn open(admin: &Client, plugin: &Path) -> Self {
        let mut terminal = Terminal::start(&command(admin, plugin), COLUMNS, LINES);
        terminal.wait_for(|text| text.contains(FIRST));
        Self { terminal }
    }

    /// What it takes of a core for a while, in percent.
    fn percent(&mut self) -> f64 {
        let (before, since) = (self.terminal.usage().cpu, Instant::now());
        self.terminal.watch(WHILE);
        let spent = self.terminal.usage().cpu.saturating_sub(before);
        spent.as_secs_f64() / since.elapsed().as_secs_f64() * 100.0
    }

    /// The same while these are renewed, and how many were in a second.
    fn busy(&mut self, admin: &Client, numbers: Range<usize>) -> Busy {
        let renewals = renewals(admin, numbers);
        let percent = self.percent();
        Busy {
            percent,
            per_second: renewals.per_second(),
        }
    }

    /// How long each key takes to be answered.
    fn keys(&mut self) -> Vec<(&'static str, Figures)> {
        type Seen = fn(&Screen, &Screen) -> bool;
        let steps: [(&'static str, &'static str, Seen); 13] = [
            ("j", "j", |before, now| chosen(now) > chosen(before)),
            ("ctrl-f", CTRL_F, |_, now| !now.contents().contains(FIRST)),
            ("g", "g", |_, now| now.contents().contains(FIRST)),
            ("G", "G", |_, now| now.contents().contains("kube-system")),
            ("g, from the end", "g", |_, now| {
                now.contents().contains(FIRST)
            }),
            ("/", "/", |_, now| now.contents().contains(FILTER_HINT)),
            ("k-0423, six keys at once", "k-0423", |_, now| {
                now.contents().contains("lock-04230") && !now.contents().contains(FIRST)
            }),
            // The lock that is chosen stays where one looks.
            ("esc, all shown again", ESC, |_, now| {
                now.contents().contains("lock-04229")
            }),
            (">, sorted by the next column", ">", |before, now| {
                header(now) != header(before)
            }),
            ("r, reversed", "r", |before, now| {
                header(now) != header(before)
            }),
            ("<, and back", "<", |before, now| {
                header(now) != header(before)
            }),
            ("?", "?", |_, now| now.contents().contains(HELP)),
            ("esc, from the help", ESC, |_, now| {
                !now.contents().contains(HELP)
            }),
        ];
        let mut times: Vec<Vec<Duration>> = vec![Vec::new(); steps.len()];
        for _ in 0..KEY_ROUNDS {
            for (times, (_, key, is_seen)) in times.iter_mut().zip(&steps) {
                times.push(self.answer(key, *is_seen));
            }
            // Each round begins as the first one did.
            self.terminal.press("g");
            self.terminal
                .wait_until(|screen| chosen(screen) == Some(FIRST_LINE));
        }
        let named = steps.iter().map(|(name, ..)| *name);
        named.zip(times.into_iter().map(Figures::of)).collect()
    }

    fn answer(&mut self, key: &str, is_seen: impl Fn(&Screen, &Screen) -> bool) -> Duration {
        let before = self.terminal.screen().clone();
        assert!(
            !is_seen(&before, &before),
            "{key:?} has nothing to change:\n{}",
            before.contents()
        );
        let pressed = Instant::now();
        self.terminal.press(key);
        let seen = self.terminal.wait_until(|screen| is_seen(&before, screen));
        seen.saturating_duration_since(pressed)
    }

    /// How long after the server's answer a renewal is seen.
    fn renewals(&mut self, admin: &Client) -> Figures {
        let writer = admin.writer();
        // Connected, and asked once.
        writer.patch("default", &name(EXPIRED), &json!({}));
        let numbers = (0..RENEWAL_ROUNDS).flat_map(|_| 0..EXPIRED);
        let times = numbers.map(|number| {
            let lock = format!("a-lock-{number:02}");
            let stands = |screen: &Screen, state: &str| {
                let text = screen.contents();
                let row = text.lines().find(|line| line.contains(&lock));
                row.is_some_and(|row| row.contains(state))
            };
            self.terminal.wait_until(|screen| stands(screen, "expired"));
            let answered = writer.renew("default", &lock);
            let seen = self.terminal.wait_until(|screen| stands(screen, "held"));
            seen.saturating_duration_since(answered)
        });
        Figures::of(times.collect())
    }

    fn close(mut self) {
        self.terminal.press(CTRL_C);
        assert_eq!(self.terminal.end(), Some(0));
    }
}

/// The line that is chosen: it is shown reversed.
fn chosen(screen: &Screen) -> Option<u16> {
    let is_reversed = |line: &u16| {
        screen
            .cell(*line, 0)
            .is_some_and(lease_tests::Cell::inverse)
    };
    (0..LINES).find(is_reversed)
}

/// The line over the columns.
fn header(screen: &Screen) -> Option<String> {
    let mut lines = screen.rows(0, COLUMNS);
    lines.find(|line| line.contains("NAME") && line.contains("STATE"))
}
