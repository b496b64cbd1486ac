//! Label selectors (apimachinery `pkg/labels/selector.go`).

use serde_json::{Map, Value};

use crate::lease::name_syntax;
use crate::status::Status;

/// Requirements that must all hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct LabelSelector {
    requirements: Vec<Requirement>,
}

#[derive(Clone, Debug)]
struct Requirement {
    key: String,
    operator: Operator,
}

#[derive(Clone, Debug)]
enum Operator {
    Absent,
    In(Vec<String>),
    /// Holds for an object without the label too.
    NotIn(Vec<String>),
    Present,
}

impl LabelSelector {
    pub(crate) fn parse(selector: &str) -> Result<Self, Status> {
        let requirements = split_outside_brackets(selector)
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(Requirement::parse)
            .collect::<Result<_, _>>()?;
        Ok(Self { requirements })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    pub(crate) fn matches(&self, labels: Option<&Map<String, Value>>) -> bool {
        self.requirements.iter().all(|requirement| {
            let value = labels
                .and_then(|labels| labels.get(&requirement.key))
                .and_then(Value::as_str);
            let among = |values: &[String]| {
                value.is_some_and(|value| values.iter().any(|wanted| wanted == value))
            };
            match &requirement.operator {
                Operator::Absent => value.is_none(),
                Operator::In(values) => among(values),
                Operator::NotIn(values) => !among(values),
                Operator::Present => value.is_some(),
            }
        })
    }
}

impl Requirement {
    fn parse(part: &str) -> Result<Self, Status> {
        let wrong = || {
            Status::bad_request(format!(
                "unable to parse requirement: found '{part}', expected: a key, an operator and \
                 its values"
            ))
        };
        let new = |key: &str, operator| {
            let key = key.trim();
            let value_is_wrong = match &operator {
                Operator::In(values) | Operator::NotIn(values) => values
                    .iter()
                    .find_map(|value| name_syntax::label_value(value).into_iter().next()),
                Operator::Absent | Operator::Present => None,
            };
            let why = name_syntax::label_key(key)
                .into_iter()
                .next()
                .or(value_is_wrong);
            match why {
                Some(why) => Err(Status::bad_request(format!(
                    "unable to parse requirement: <nil>: Invalid value: {key:?}: {why}"
                ))),
                None => Ok(Self {
                    key: key.to_owned(),
                    operator,
                }),
            }
        };
        if let Some(key) = part.strip_prefix('!') {
            return new(key, Operator::Absent);
        }
        if let Some((head, values)) = part.split_once('(') {
            let values = values.trim_end().strip_suffix(')').ok_or_else(wrong)?;
            let values = values
                .split(',')
                .map(|value| value.trim().to_owned())
                .collect();
            let (key, operator) = head
                .trim_end()
                .rsplit_once(char::is_whitespace)
                .ok_or_else(wrong)?;
            return match operator {
                "in" => new(key, Operator::In(values)),
                "notin" => new(key, Operator::NotIn(values)),
                _ => Err(wrong()),
            };
        }
        let one = |value: &str| vec![value.trim().to_owned()];
        if let Some((key, value)) = part.split_once("!=") {
            return new(key, Operator::NotIn(one(value)));
        }
        if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
            return new(key, Operator::In(one(value)));
        }
        new(part, Operator::Present)
    }
}

fn split_outside_brackets(selector: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0);
    for (at, letter) in selector.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(selector[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(selector[start..].trim());
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_operator() {
        let labels = json!({ "app": "web", "x.io/tier": "front" });
        let matches = |selector: &str| {
            LabelSelector::parse(selector)
                .unwrap()
                .matches(labels.as_object())
        };
        for yes in [
            "",
            "app",
            "app=web",
            "app==web",
            "app = web",
            "app!=db",
            "other!=db",
            "!other",
            "app in (web, db)",
            "app notin (db)",
            "other notin (db)",
            "app in (web),x.io/tier=front,!other",
        ] {
            assert!(matches(yes), "{yes}");
        }
        for no in [
            "other",
            "app=db",
            "!app",
            "app in (db,cache)",
            "app notin (web)",
            "app,other",
        ] {
            assert!(!matches(no), "{no}");
        }
        for wrong in ["a b", "a in b", "a in (b", "=b", "a=b c", "!"] {
            assert_eq!(
                LabelSelector::parse(wrong).unwrap_err().code,
                400,
                "{wrong}"
            );
        }
    }
}
