//! What `-v` shows of what happens on the wire. Secrets are not among it: the client masks them
//! before it tells.

use std::fmt::{self, Write as _};

use jiff::Timestamp;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

use crate::ui::Ui;

/// What did not come about and was of no consequence.
const NOTES: u8 = 1;
/// What policies found.
const FINDINGS: u8 = 2;
/// How they came to it.
const STEPS: u8 = 4;
/// The levels of kubectl.
const REQUESTS: u8 = 6;
const HEADERS: u8 = 7;
const BODIES: u8 = 8;
const LONG_BODIES: u8 = 9;

/// Shows on stderr, from now on, what a level asks for.
pub(crate) fn show(level: u8) {
    if level >= NOTES {
        let told = Registry::default().with(Told {
            level,
            ui: Ui::new(),
        });
        // It fails where somebody listens already, which nobody but us does.
        let _ = tracing::subscriber::set_global_default(told);
    }
}

struct Told {
    level: u8,
    ui: Ui,
}

impl Told {
    /// How many characters of a body are shown; kubectl's figures.
    const fn longest(&self) -> usize {
        match self.level {
            ..LONG_BODIES => 1024,
            LONG_BODIES => 10240,
            _ => usize::MAX,
        }
    }
}

impl<S: Subscriber> Layer<S> for Told {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let least = match metadata.target() {
            "lease_client::events" | "kubectl_lease::policy::verdict" => NOTES,
            "kubectl_lease::policy" => match *metadata.level() {
                tracing::Level::ERROR | tracing::Level::WARN => NOTES,
                tracing::Level::INFO => FINDINGS,
                tracing::Level::DEBUG | tracing::Level::TRACE => STEPS,
            },
            "lease_client::config" | "lease_client::http" => REQUESTS,
            "lease_client::http::headers" => HEADERS,
            "lease_client::http::body" => BODIES,
            _ => return false,
        };
        // Whether an event would be heard is asked by what is no event itself.
        !metadata.is_span() && self.level >= least
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line {
            text: Timestamp::now().strftime("%H:%M:%S%.3fZ").to_string(),
            longest: self.longest(),
        };
        event.record(&mut line);
        self.ui.note(&line.text);
    }
}

/// An event as one line: its message and what belongs to it.
struct Line {
    text: String,
    longest: usize,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let value = format!("{value:?}");
        // Writing to a String cannot fail.
        if field.name() == "message" {
            let _ = write!(self.text, " {value}");
            return;
        }
        let cut = value.char_indices().nth(self.longest).map(|(at, _)| at);
        let shown = &value[..cut.unwrap_or(value.len())];
        let _ = write!(self.text, " {}={shown}", field.name());
        if let Some(cut) = cut {
            let _ = write!(self.text, " [{} bytes more]", value.len() - cut);
        }
    }
}
