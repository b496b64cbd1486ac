//! Field selectors.

use crate::status::Status;

/// Terms that must all hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct FieldSelector {
    terms: Vec<Term>,
}

#[derive(Clone, Debug)]
struct Term {
    field: Field,
    equal: bool,
    value: String,
}

#[derive(Clone, Copy, Debug)]
enum Field {
    Name,
    Namespace,
}

impl FieldSelector {
    pub(crate) fn parse(selector: &str) -> Result<Self, Status> {
        let terms = selector
            .split(',')
            .filter(|term| !term.is_empty())
            .map(Term::parse)
            .collect::<Result<_, _>>()?;
        Ok(Self { terms })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    pub(crate) fn matches(&self, name: &str, namespace: &str) -> bool {
        self.terms.iter().all(|term| {
            let actual = match term.field {
                Field::Name => name,
                Field::Namespace => namespace,
            };
            (actual == term.value) == term.equal
        })
    }
}

impl Term {
    fn parse(term: &str) -> Result<Self, Status> {
        // The server looks for the first operator from the left, longer ones first.
        let found = term.char_indices().find_map(|(at, _)| {
            ["!=", "==", "="]
                .into_iter()
                .find(|operator| term[at..].starts_with(operator))
                .map(|operator| (&term[..at], operator, &term[at + operator.len()..]))
        });
        let Some((field, operator, value)) = found else {
            return Err(Status::bad_request(format!(
                "invalid selector: '{term}'; can't understand '{term}'"
            )));
        };
        let field = match field {
            "metadata.name" => Field::Name,
            "metadata.namespace" => Field::Namespace,
            other => {
                return Err(Status::bad_request(format!(
                    "\"{other}\" is not a known field selector: only \"metadata.name\", \
                     \"metadata.namespace\""
                )));
            }
        };
        Ok(Self {
            field,
            equal: operator != "!=",
            value: value.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_namespaces() {
        let matches = |selector: &str| FieldSelector::parse(selector).unwrap().matches("n", "s");
        assert!(matches(""));
        assert!(matches("metadata.name=n"));
        assert!(matches("metadata.name==n,metadata.namespace=s"));
        assert!(!matches("metadata.name!=n"));
        assert!(matches("metadata.namespace!=t"));
        assert_eq!(FieldSelector::parse("spec.x=1").unwrap_err().code, 400);
        assert_eq!(FieldSelector::parse("metadata.name").unwrap_err().code, 400);
    }
}
