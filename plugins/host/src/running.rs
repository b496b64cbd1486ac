//! One instance while it runs: what it may use, what it told, and how it ended.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use wasmtime::{Engine, ResourceLimiter, Store, Trap, UpdateDeadline};

use crate::bindings::lease::policy::{log, types};
use crate::lift::cut;
use crate::{Error, limits};

/// How often it is looked whether an instance has had its time.
const TICK: Duration = Duration::from_millis(5);

/// How much a line of a policy's log matters.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Each step.
    Debug,
    /// What it found.
    Info,
    /// What is wrong.
    Warning,
}

/// A line of a policy's log. It is what the policy said: hostile, if that is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct LogLine {
    /// How much it matters.
    pub level: Level,
    /// What it says.
    pub message: String,
}

/// What an instance has used, and told.
pub(crate) struct Running {
    pub(crate) log: Vec<LogLine>,
    /// Lines that were told after those that are kept.
    lost_lines: usize,
    memory: usize,
    table_elements: usize,
    /// Whether it wanted more memory than it may have.
    was_refused_memory: bool,
}

impl Running {
    /// What it told, with a line for what is not kept.
    pub(crate) fn into_log(self) -> Vec<LogLine> {
        let mut log = self.log;
        if self.lost_lines > 0 {
            log.push(LogLine {
                level: Level::Warning,
                message: format!("… and {} lines more, which are not kept", self.lost_lines),
            });
        }
        log
    }

    /// What was wrong, in words; wasmtime's own are for programmers.
    pub(crate) fn explain(&self, error: &wasmtime::Error) -> Error {
        let trap = error.downcast_ref::<Trap>().copied();
        match trap {
            Some(Trap::Interrupt) => Error::Time,
            Some(Trap::StackOverflow) => Error::Stack,
            // One that is refused memory panics.
            _ if self.was_refused_memory => Error::Memory,
            Some(Trap::UnreachableCodeReached) => {
                Error::Failed("it panicked, or gave up on purpose".to_owned())
            }
            Some(Trap::IntegerDivisionByZero) => Error::Failed("it divided by zero".to_owned()),
            Some(
                Trap::MemoryOutOfBounds
                | Trap::TableOutOfBounds
                | Trap::IndirectCallToNull
                | Trap::BadSignature
                | Trap::HeapMisaligned,
            ) => Error::Failed("it reached for memory that it does not have".to_owned()),
            _ if error.root_cause().to_string().contains("hostcalls") => Error::SaidTooMuch(
                format!("more than {} KiB at once", limits::CALL_BYTES / 1024),
            ),
            Some(trap) => {
                let said = trap.to_string();
                Error::Failed(said.trim_start_matches("wasm trap: ").to_owned())
            }
            None => Error::Failed(error.root_cause().to_string()),
        }
    }
}

impl log::Host for Running {
    fn write(&mut self, level: log::Level, message: String) {
        if self.log.len() >= limits::LOG_LINES {
            self.lost_lines += 1;
            return;
        }
        self.log.push(LogLine {
            level: match level {
                log::Level::Debug => Level::Debug,
                log::Level::Info => Level::Info,
                log::Level::Warning => Level::Warning,
            },
            message: cut(message, limits::LOG_LINE_BYTES),
        });
    }
}

impl types::Host for Running {}

impl ResourceLimiter for Running {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let memory = self.memory.saturating_add(desired.saturating_sub(current));
        if memory > limits::MEMORY_BYTES {
            self.was_refused_memory = true;
            return Ok(false);
        }
        self.memory = memory;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let elements = self
            .table_elements
            .saturating_add(desired.saturating_sub(current));
        if elements > limits::TABLE_ELEMENTS {
            return Ok(false);
        }
        self.table_elements = elements;
        Ok(true)
    }

    fn instances(&self) -> usize {
        limits::PARTS
    }

    fn memories(&self) -> usize {
        limits::PARTS
    }

    fn tables(&self) -> usize {
        limits::PARTS
    }
}

/// A store whose instance ends when it has had its time. That begins now.
pub(crate) fn store(engine: &Engine) -> Result<(Store<Running>, Ticking), Error> {
    let mut store = Store::new(
        engine,
        Running {
            log: Vec::new(),
            lost_lines: 0,
            memory: 0,
            table_elements: 0,
            was_refused_memory: false,
        },
    );
    store.limiter(|running| running);
    store.set_hostcall_fuel(limits::CALL_BYTES);
    // Before there is an instance: what starts it computes already.
    let (begun, computed) = (Instant::now(), computed());
    store.epoch_deadline_callback(move |_| {
        let is_over = self::computed().saturating_sub(computed) >= limits::TIME
            || begun.elapsed() >= limits::WALL_TIME;
        Ok(if is_over {
            UpdateDeadline::Interrupt
        } else {
            UpdateDeadline::Continue(1)
        })
    });
    store.set_epoch_deadline(1);
    Ok((store, Ticking::start(engine)?))
}

/// How long this thread has computed.
fn computed() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

/// A thread that has instances look at the clock, until it is dropped.
pub(crate) struct Ticking {
    _until_dropped: Sender<()>,
}

impl Ticking {
    fn start(engine: &Engine) -> Result<Self, Error> {
        let (until_dropped, dropped) = channel();
        let engine = engine.clone();
        thread::Builder::new()
            .name("policy-clock".to_owned())
            .spawn(move || {
                while dropped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                    engine.increment_epoch();
                }
            })
            .map_err(|error| Error::Unrunnable(error.to_string()))?;
        Ok(Self {
            _until_dropped: until_dropped,
        })
    }
}
