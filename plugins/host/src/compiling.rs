//! Compiling in a process of its own: neither time nor memory of it are bounded by wasmtime.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::{Error, Host, World, limits};

/// The exit code of a component that cannot be compiled; stderr says why.
const INVALID: u8 = 65;
/// How often it is looked whether a process has ended, the first time and at most.
const LOOK: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(20));
/// How much longer than its limit a process lives that nobody ended.
const LEFT_ALONE: Duration = Duration::from_secs(5);
/// How much is read of what a process says.
const LONGEST_REASON: u64 = 2000;

/// What compiling may take.
#[derive(Clone, Copy, Debug)]
pub struct CompileLimits {
    /// How many bytes of memory, as the system counts what a process may address. Where it does not
    /// keep to that (macOS), only the time is limited.
    pub memory: u64,
    /// How long.
    pub time: Duration,
}

impl Default for CompileLimits {
    /// Enough for a policy in JavaScript, with its interpreter.
    fn default() -> Self {
        Self {
            memory: 2 * 1024 * 1024 * 1024,
            time: Duration::from_secs(120),
        }
    }
}

/// Has a component compiled by a process that calls [`compile_as_child`] with the same limits.
/// `scratch` is a folder for temporary files, which nobody else may write to.
///
/// # Errors
/// What is no policy, or cannot be compiled within the limits.
pub fn compile_in_child(
    mut command: Command,
    component: &[u8],
    scratch: &Path,
    limits: CompileLimits,
) -> Result<Vec<u8>, Error> {
    World::of(component)?;
    let failed = |error: io::Error| Error::Compiling(error.to_string());
    let mut given = tempfile::tempfile_in(scratch).map_err(failed)?;
    given.write_all(component).map_err(failed)?;
    given.seek(SeekFrom::Start(0)).map_err(failed)?;
    let made = tempfile::tempfile_in(scratch).map_err(failed)?;
    let said = tempfile::tempfile_in(scratch).map_err(failed)?;
    let shared = |file: &File| file.try_clone().map_err(failed);
    command
        .stdin(given)
        .stdout(shared(&made)?)
        .stderr(shared(&said)?);
    let status = run(&mut command, limits)?;
    if !status.success() {
        let said = read(said, LONGEST_REASON).unwrap_or_default();
        return Err(explain(status, &String::from_utf8_lossy(&said), limits));
    }
    read(made, u64::MAX).map_err(failed)
}

/// Runs a process to its end, or to that of its time.
fn run(command: &mut Command, limits: CompileLimits) -> Result<ExitStatus, Error> {
    let failed = |error: io::Error| Error::Compiling(error.to_string());
    let until = Instant::now() + limits.time;
    let mut child = command.spawn().map_err(failed)?;
    let (mut pause, longest) = LOOK;
    loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            return Ok(status);
        }
        if Instant::now() >= until {
            // It may have ended just then.
            let _ = child.kill();
            child.wait().map_err(failed)?;
            return Err(Error::CompilingTime(limits.time.as_secs()));
        }
        thread::sleep(pause);
        pause = (pause * 2).min(longest);
    }
}

fn read(mut file: File, most: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn explain(status: ExitStatus, said: &str, limits: CompileLimits) -> Error {
    // The last is what a thread meets that gets no memory for its stack.
    let signs = [
        "memory allocation of",
        "Cannot allocate memory",
        "Resource temporarily unavailable",
    ];
    if signs.iter().any(|sign| said.contains(sign)) {
        return Error::CompilingMemory(limits.memory / 1024 / 1024);
    }
    if status.code() == Some(INVALID.into()) {
        return Error::Invalid(said.trim().to_owned());
    }
    Error::Compiling(match status.signal() {
        Some(signal) => format!("its compiler was ended by the signal {signal}"),
        None => "its compiler failed".to_owned(),
    })
}

/// Compiles the component on stdin to machine code on stdout, within these limits, and tells the exit
/// code. For a process that does nothing else.
///
/// # Errors
/// The limits cannot be set.
pub fn compile_as_child(limits: CompileLimits) -> io::Result<u8> {
    limit(Resource::As, limits.memory)?;
    // Nobody wants to keep what it leaves.
    limit(Resource::Core, 0)?;
    thread::spawn(move || {
        thread::sleep(limits.time + LEFT_ALONE);
        std::process::exit(1);
    });
    let mut component = Vec::new();
    io::stdin()
        .take(limits::COMPONENT_BYTES + 1)
        .read_to_end(&mut component)?;
    match Host::new().and_then(|host| host.compile(&component)) {
        Ok(compiled) => {
            io::stdout().write_all(&compiled)?;
            Ok(0)
        }
        Err(error) => {
            let why = match &error {
                Error::Invalid(why) => why.clone(),
                error => error.to_string(),
            };
            io::stderr().write_all(why.as_bytes())?;
            Ok(INVALID)
        }
    }
}

fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let limit = Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    Ok(setrlimit(resource, limit)?)
}
