//! Builds what the tests need, runs them, and makes releases: `cargo xtask --help`.

mod bench;
mod components;
mod hosts;
mod package;
mod parts;
mod picture;
mod pinned;
mod policies;
mod program;
mod python;
mod report;
mod test;
mod toolchain;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", about)]
enum Xtask {
    Bench(bench::Args),
    Components(components::Args),
    Package(package::Args),
    Parts(parts::Args),
    Picture(picture::Args),
    Test(test::Args),
}

fn main() -> ExitCode {
    let result = match Xtask::parse() {
        Xtask::Bench(args) => bench::run(&args),
        Xtask::Components(args) => components::run(&args),
        Xtask::Package(args) => package::run(&args),
        Xtask::Parts(args) => parts::run(&args),
        Xtask::Picture(args) => picture::run(&args),
        Xtask::Test(args) => test::run(&args),
    };
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    // Causes on one line, and never a trace: what fails here is another program.
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}
