//! Builds what the tests need, and runs them: `cargo xtask --help`.

mod bench;
mod parts;
mod program;
mod report;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", about)]
enum Xtask {
    Bench(bench::Args),
    Parts(parts::Args),
    Test(test::Args),
}

fn main() -> ExitCode {
    let result = match Xtask::parse() {
        Xtask::Bench(args) => bench::run(&args),
        Xtask::Parts(args) => parts::run(&args),
        Xtask::Test(args) => test::run(&args),
    };
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    // Causes on one line, and never a trace: what fails here is another program.
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}
