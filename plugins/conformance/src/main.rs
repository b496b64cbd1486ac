//! Writes what the lock's component must say: `lease-conformance decisions FILE`, or
//! `lease-conformance histories SEED COUNT FILE`, one to a line.

use anyhow::{Context, bail};
use serde_json::Value;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (text, file) = match arguments.as_slice() {
        ["decisions", file] => (lease_conformance::table(), file),
        ["histories", seed, count, file] => {
            let (seed, count) = (seed.parse()?, count.parse()?);
            let lives = lease_conformance::histories(seed, count);
            let lines = lives.iter().map(Value::to_string);
            (lines.collect::<Vec<_>>().join("\n") + "\n", file)
        }
        _ => bail!("say `decisions FILE` or `histories SEED COUNT FILE`"),
    };
    std::fs::write(file, text).with_context(|| format!("cannot write {file}"))
}
