//! Which locks are shown, as it is typed after `/`.

use std::fmt;

use lease_core::State;

use super::locks::Lock;

/// All of its terms have to hold.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Filter {
    typed: String,
    terms: Vec<Term>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Term {
    negated: bool,
    what: What,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum What {
    /// The holder's identity contains this, in lower case.
    Holder(String),
    /// The namespace, name or holder contains this, in lower case.
    Text(String),
    State(State),
}

/// Why what was typed is no filter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct FilterError {
    state: String,
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = STATES.map(State::name).join(", ");
        write!(
            f,
            "no state is called \"{}\"; there are {names}",
            self.state
        )
    }
}

const STATES: [State; 8] = [
    State::Expired,
    State::Free,
    State::Held,
    State::Late,
    State::Malformed,
    State::Offered,
    State::Unbounded,
    State::Unknown,
];

impl Filter {
    /// Reads terms with spaces between them: a text, `state:STATE` or `holder:TEXT`, each negated
    /// by a `!` before it.
    pub(crate) fn parse(typed: &str) -> Result<Self, FilterError> {
        let terms = typed.split_whitespace().map(Term::parse);
        let terms: Vec<_> = terms
            .filter_map(Result::transpose)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            typed: typed.trim().to_owned(),
            terms,
        })
    }

    /// As it was typed.
    pub(crate) fn typed(&self) -> &str {
        &self.typed
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether it lets a lock through as it stands.
    pub(crate) fn takes(&self, lock: &Lock) -> bool {
        self.terms.iter().all(|term| term.takes(lock))
    }
}

impl Term {
    /// `None` for one that is still being typed.
    fn parse(typed: &str) -> Result<Option<Self>, FilterError> {
        let (negated, rest) = match typed.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, typed),
        };
        let what = match rest.split_once(':') {
            Some(("state", state)) => match STATES.iter().find(|one| one.name() == state) {
                Some(state) => What::State(*state),
                // Not typed to its end.
                None if STATES.iter().any(|one| one.name().starts_with(state)) => return Ok(None),
                None => {
                    return Err(FilterError {
                        state: state.to_owned(),
                    });
                }
            },
            Some(("holder", holder)) => What::Holder(holder.to_lowercase()),
            _ => What::Text(rest.to_lowercase()),
        };
        let is_whole = !matches!(&what, What::Text(text) | What::Holder(text) if text.is_empty());
        Ok(is_whole.then_some(Self { negated, what }))
    }

    fn takes(&self, lock: &Lock) -> bool {
        let holder = lock.snapshot().record.holder();
        let takes = match &self.what {
            What::Holder(part) => holder.is_some_and(|holder| contains(holder, part)),
            What::State(state) => lock.state() == *state,
            What::Text(part) => {
                contains(&lock.id.namespace, part)
                    || contains(&lock.id.name, part)
                    || holder.is_some_and(|holder| contains(holder, part))
            }
        };
        takes != self.negated
    }
}

/// Whether `text` contains `part`, which is in lower case, in whatever case.
fn contains(text: &str, part: &str) -> bool {
    if text.is_ascii() && part.is_ascii() {
        let (text, part) = (text.as_bytes(), part.as_bytes());
        return text
            .windows(part.len())
            .any(|window| window.eq_ignore_ascii_case(part));
    }
    text.to_lowercase().contains(part)
}
