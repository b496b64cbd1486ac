//! A guardian that a test tells what `run` would tell it.

use std::io::{BufRead, BufReader, Lines, PipeReader, PipeWriter, Write, pipe};
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use command_fds::{CommandFdExt, FdMapping};
use rustix::process::{Pid, Signal, kill_process};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

use crate::cluster::Sandbox;

struct Guardian {
    process: Child,
    orders: PipeWriter,
    reports: Lines<BufReader<PipeReader>>,
}

/// What the guardian's clock shows in so many milliseconds.
fn in_millis(later: i64) -> i64 {
    let now = clock_gettime(ClockId::Boottime);
    now.tv_sec * 1_000_000_000 + now.tv_nsec + later * 1_000_000
}

fn renewed(end_at: i64, kill_at: i64) -> Value {
    json!({"Renewed": {"end_at": in_millis(end_at), "kill_at": in_millis(kill_at)}})
}

impl Guardian {
    /// Starts one, and has it start a script that ends in time by what it is told first.
    fn start(sandbox: &Sandbox, text: &str, (end_at, kill_at): (i64, i64)) -> Self {
        let (orders_in, orders) = pipe().unwrap();
        let (reports, reports_out) = pipe().unwrap();
        let mut command = sandbox.shell.command(["guardian", "--", "sh", "-c", text]);
        let descriptors = [(orders_in.into(), 3), (reports_out.into(), 4)];
        let mappings = descriptors.map(|(parent_fd, child_fd)| FdMapping {
            parent_fd,
            child_fd,
        });
        command.env("PATH", "/usr/bin:/bin");
        command.fd_mappings(mappings.into()).unwrap();
        let mut guardian = Self {
            process: command.spawn().unwrap(),
            orders,
            reports: BufReader::new(reports).lines(),
        };
        guardian.say(&renewed(end_at, kill_at));
        guardian.say(&json!({"Start": {"environment": []}}));
        let started = guardian.report();
        assert!(started["Started"]["group"].is_i64(), "{started}");
        guardian
    }

    fn say(&mut self, order: &Value) {
        self.orders
            .write_all(format!("{order}\n").as_bytes())
            .unwrap();
    }

    fn report(&mut self) -> Value {
        let line = self.reports.next().unwrap().unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.process);
        kill_process(pid, signal).unwrap();
    }

    /// Has it end, and sees that it does.
    fn dismiss(mut self) {
        self.say(&json!("Done"));
        assert!(self.process.wait().unwrap().success());
    }

    /// For how long it has used a processor until now.
    fn has_run_for(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let ticks = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = ticks.map(|field| field.parse::<u64>().unwrap()).sum();
        Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second())
    }
}

/// It looks at the clock as `run` does, and may be faster. Told only of the end, `run` would take that
/// for an end like any other, and leave what the command started to whoever is next.
#[test]
fn it_says_that_it_tells_the_command_to_end_before_what_comes_of_it() {
    let sandbox = Sandbox::new();
    let mut guardian = Guardian::start(&sandbox, "sleep 60 & wait", (200, 60_000));
    assert_eq!(guardian.report(), json!("OutOfTime"));
    assert_eq!(guardian.report(), json!({"Signalled": {"signal": 15}}));
    guardian.dismiss();
}

/// What it hears first when it goes on is over long since, but not what it hears last.
#[test]
fn one_that_stood_still_hears_all_before_it_kills() {
    let sandbox = Sandbox::new();
    let text = "while [ ! -e go ]; do sleep 0.05; done; exit 7";
    let mut guardian = Guardian::start(&sandbox, text, (3000, 3500));
    guardian.signal(Signal::STOP);
    for at in [3200, 3400, 60_000] {
        guardian.say(&renewed(at, at + 100));
    }
    sleep(Duration::from_secs(4));
    guardian.signal(Signal::CONT);
    sleep(Duration::from_millis(500));
    std::fs::write(sandbox.shell.home().join("go"), "").unwrap();
    assert_eq!(guardian.report(), json!({"Exited": {"code": 7}}));
    guardian.dismiss();
}

/// `run` may be stopped for an hour.
#[test]
fn one_that_has_killed_all_rests() {
    let sandbox = Sandbox::new();
    let text = "trap '' TERM; sleep 60 & wait; wait";
    let mut guardian = Guardian::start(&sandbox, text, (100, 300));
    assert_eq!(guardian.report(), json!("OutOfTime"));
    assert_eq!(guardian.report(), json!({"Signalled": {"signal": 9}}));
    sleep(Duration::from_millis(200));
    let before = guardian.has_run_for();
    let begun = Instant::now();
    sleep(Duration::from_secs(2));
    let spent = guardian.has_run_for().saturating_sub(before);
    assert!(spent * 50 < begun.elapsed(), "{spent:?}");
    guardian.dismiss();
}
