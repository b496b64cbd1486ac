//! Splits the text of a list into its items while it arrives.
//!
//! A list of ten thousand leases is ten megabytes of text, of which a table shows a tenth. So the
//! text is never held as a whole: each item is handed on as soon as it is complete.

/// The splitter of one list.
///
/// It only finds where items begin and end. Whether they, and what is left of the list without
/// them, are JSON is for the parser of each to say; together they are exactly where the whole is.
#[derive(Debug, Default)]
pub(crate) struct ListStream {
    /// The text without its items.
    skeleton: Vec<u8>,
    /// What came so far of an item that is not complete.
    item: Vec<u8>,
    /// How many brackets are open.
    depth: usize,
    /// Within a string.
    string: Option<InString>,
    place: Place,
}

/// Where in the list the next byte is, as far as that matters.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Place {
    /// Anywhere but in the places below.
    #[default]
    Elsewhere,
    /// In the outermost object, where a key begins next.
    BeforeKey,
    /// In a key of the outermost object, which begins here in the skeleton.
    InKey(usize),
    /// After the key `items`: its value begins next.
    BeforeItems,
    /// Between items. `first` as long as none has begun.
    BeforeItem { first: bool },
    /// In an item.
    InItem,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum InString {
    Text,
    /// After a backslash.
    Escaped,
}

/// How deep the items are, each of them in the list and in its array.
const ITEM_DEPTH: usize = 2;

impl ListStream {
    /// Takes in the next piece of the text and hands on each item that it completes. An item that
    /// should be there and is not, as after a comma too many, is handed on as an empty text.
    pub(crate) fn push<E>(
        &mut self,
        piece: &[u8],
        mut item: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        // Where the item that is being read begins in this piece.
        let mut start = 0;
        let mut at = 0;
        while let Some(&byte) = piece.get(at) {
            match self.place {
                Place::BeforeItem { .. } if is_space(byte) => at += 1,
                Place::BeforeItem { first: true } if byte == b']' => self.place = Place::Elsewhere,
                Place::BeforeItem { .. } => {
                    self.place = Place::InItem;
                    start = at;
                }
                Place::InItem => {
                    at += self.pass_item(&piece[at..]);
                    let Some(&end) = piece.get(at) else { break };
                    self.item.extend_from_slice(&piece[start..at]);
                    item(&self.item)?;
                    self.item.clear();
                    if end == b',' {
                        self.place = Place::BeforeItem { first: false };
                        at += 1;
                    } else {
                        self.place = Place::Elsewhere;
                    }
                }
                _ if self.string.is_some() => {
                    let length = self.pass_string(&piece[at..]);
                    self.skeleton.extend_from_slice(&piece[at..at + length]);
                    at += length;
                }
                _ => {
                    self.skeleton.push(byte);
                    self.pass(byte);
                    at += 1;
                }
            }
        }
        if self.place == Place::InItem {
            self.item.extend_from_slice(&piece[start..]);
        }
        Ok(())
    }

    /// What is left of the list without its items. If it broke off, this is no JSON.
    pub(crate) fn end(self) -> Vec<u8> {
        self.skeleton
    }

    /// Follows a byte outside of items and strings.
    fn pass(&mut self, byte: u8) {
        if self.place == Place::BeforeItems && byte == b'[' {
            self.place = Place::BeforeItem { first: true };
        } else if self.place == Place::BeforeKey && byte == b'"' {
            // With its quote, which is there already.
            self.place = Place::InKey(self.skeleton.len() - 1);
        } else if self.depth == 0 && byte == b'{' || self.depth == 1 && byte == b',' {
            self.place = Place::BeforeKey;
        } else if let Place::InKey(start) = self.place
            && byte == b':'
        {
            self.place = if is_items(&self.skeleton[start..self.skeleton.len() - 1]) {
                Place::BeforeItems
            } else {
                Place::Elsewhere
            };
        } else if self.place == Place::BeforeItems && !is_space(byte) {
            self.place = Place::Elsewhere;
        }
        self.nest(byte);
    }

    /// How many bytes of this text, which begins within an item, still belong to it.
    fn pass_item(&mut self, text: &[u8]) -> usize {
        let mut at = 0;
        while let Some(&byte) = text.get(at) {
            if self.string.is_some() {
                at += self.pass_string(&text[at..]);
            } else if self.depth == ITEM_DEPTH && matches!(byte, b',' | b']' | b'}') {
                break;
            } else {
                self.nest(byte);
                at += 1;
            }
        }
        at
    }

    /// Counts brackets. One that closes what another kind opened is found by whoever parses it.
    fn nest(&mut self, byte: u8) {
        match byte {
            b'"' => self.string = Some(InString::Text),
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    /// How many bytes of this text, which begins within a string, still belong to it.
    fn pass_string(&mut self, text: &[u8]) -> usize {
        let mut at = 0;
        if self.string == Some(InString::Escaped) {
            self.string = Some(InString::Text);
            at = 1;
        }
        while let Some(found) = text[at..]
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\'))
        {
            at += found + 1;
            if text[at - 1] == b'"' {
                self.string = None;
                return at;
            }
            if at == text.len() {
                self.string = Some(InString::Escaped);
                return at;
            }
            at += 1;
        }
        text.len()
    }
}

/// Whether it is white space to JSON.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Whether a key, in its quotes, reads `items`.
fn is_items(key: &[u8]) -> bool {
    let key: Result<String, _> = serde_json::from_slice(key);
    key.is_ok_and(|key| key == "items")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;
    use serde_json::{Map, Value, json};

    use super::*;

    /// A list taken apart: its items, and the rest of it. An error if one of them is no JSON.
    fn split(text: &[u8], cuts: &[Index]) -> Result<(Vec<Value>, Value), serde_json::Error> {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
        cuts.sort_unstable();
        let mut stream = ListStream::default();
        let mut items = Vec::new();
        let mut start = 0;
        for cut in cuts.into_iter().chain([text.len()]) {
            stream.push(&text[start..cut], |item| {
                items.push(serde_json::from_slice(item)?);
                Ok(())
            })?;
            start = cut;
        }
        Ok((items, serde_json::from_slice(&stream.end())?))
    }

    fn whole(text: &str) -> Result<(Vec<Value>, Value), serde_json::Error> {
        split(text.as_bytes(), &[])
    }

    /// Texts with all that a splitter could take for more than text.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof!["items", r#"[\[\]{},:"\\ a\n\u{1}é]{0,8}"#, any::<String>()]
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            text().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(text(), inner, 0..4)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    /// The fields of a list, of which `items` can stand anywhere.
    fn fields() -> impl Strategy<Value = Vec<(String, Value)>> {
        let other = (text(), value()).prop_filter("another key", |(key, _)| key != "items");
        let items = prop_oneof![
            4 => prop::collection::vec(value(), 0..6).prop_map(|items| Some(Value::from(items))),
            1 => value().prop_map(Some),
            1 => Just(None),
        ];
        (prop::collection::vec(other, 0..4), items, any::<Index>()).prop_map(
            |(mut fields, items, at)| {
                let mut seen = Vec::new();
                fields.retain(|(key, _)| {
                    let is_new = !seen.contains(key);
                    seen.push(key.clone());
                    is_new
                });
                if let Some(items) = items {
                    fields.insert(at.index(fields.len() + 1), ("items".to_owned(), items));
                }
                fields
            },
        )
    }

    /// The text of these fields in this order, with this much space wherever there can be some.
    fn written(fields: &[(String, Value)], space: &str) -> String {
        fn write(value: &Value, space: &str, text: &mut String) {
            match value {
                Value::Array(values) => {
                    *text += "[";
                    for (index, value) in values.iter().enumerate() {
                        *text += if index == 0 { space } else { "," };
                        *text += space;
                        write(value, space, text);
                        *text += space;
                    }
                    *text += space;
                    *text += "]";
                }
                Value::Object(values) => {
                    *text += &written_entries(values.iter(), space);
                }
                value => *text += &value.to_string(),
            }
        }
        fn written_entries<'a>(
            entries: impl Iterator<Item = (&'a String, &'a Value)>,
            space: &str,
        ) -> String {
            let mut text = String::from("{");
            for (index, (key, value)) in entries.enumerate() {
                text += if index == 0 { space } else { "," };
                text += space;
                text += &json!(key).to_string();
                text += space;
                text += ":";
                text += space;
                write(value, space, &mut text);
                text += space;
            }
            text + space + "}"
        }
        let entries = fields.iter().map(|(key, value)| (key, value));
        format!("{space}{}{space}", written_entries(entries, space))
    }

    fn cuts() -> impl Strategy<Value = Vec<Index>> {
        prop_oneof![
            prop::collection::vec(any::<Index>(), 0..8),
            prop::collection::vec(any::<Index>(), 200),
        ]
    }

    proptest! {
        #[test]
        fn the_parts_are_those_of_the_whole(
            fields in fields(), space in r"[ \n\t\r]{0,2}", cuts in cuts()
        ) {
            let text = written(&fields, &space);
            let mut rest: Map<String, Value> = fields.into_iter().collect();
            prop_assert_eq!(&serde_json::from_str::<Value>(&text).unwrap(), &json!(rest));

            let (items, skeleton) = split(text.as_bytes(), &cuts).unwrap();

            let expected = match rest.get_mut("items") {
                Some(Value::Array(items)) => std::mem::take(items),
                _ => Vec::new(),
            };
            prop_assert_eq!(items, expected);
            prop_assert_eq!(skeleton, Value::Object(rest));
        }

        /// Whatever is done to a list, its parts are JSON exactly where it is.
        #[test]
        fn what_is_no_json_stays_none(
            fields in fields(), cuts in cuts(),
            changes in prop::collection::vec(
                (any::<Index>(), prop::option::of(r#"[\[\]{},:"\\ 1]"#)), 1..3,
            ),
        ) {
            let mut text: Vec<char> = written(&fields, " ").chars().collect();
            for (at, change) in changes {
                let at = at.index(text.len());
                match change.and_then(|change| change.chars().next()) {
                    Some(c) => text.insert(at, c),
                    None => { text.remove(at); }
                }
            }
            let text: String = text.into_iter().collect();
            let is_json = serde_json::from_str::<Value>(&text).is_ok();
            prop_assert_eq!(split(text.as_bytes(), &cuts).is_ok(), is_json, "{}", text);
        }

        #[test]
        fn a_list_that_breaks_off_is_none(fields in fields(), at in any::<Index>()) {
            let text = written(&fields, "");
            let text = &text.as_bytes()[..at.index(text.len())];
            prop_assert!(split(text, &[]).is_err());
        }
    }

    #[test]
    fn items_are_found_by_their_key_alone() {
        let rest = json!({"items": []});
        let found = |text: &str| whole(text).unwrap();
        assert_eq!(
            found(r#"{"items":[1,2]}"#),
            (vec![json!(1), json!(2)], rest.clone())
        );
        assert_eq!(
            found(r#"{"ite\u006ds":[1]}"#),
            (vec![json!(1)], rest.clone())
        );
        assert_eq!(found(r#"{"items":[ ]}"#), (vec![], rest));
        for other in [
            r#"{"a":{"items":[1]}}"#,
            r#"{"a":[{"items":[1]}],"b":"items"}"#,
            r#"[{"items":[1]}]"#,
            r#"["items",[1]]"#,
            r#"{"items":{"items":[1]}}"#,
            r#"{"items":null}"#,
            r#""items""#,
        ] {
            let expected = serde_json::from_str(other).unwrap();
            assert_eq!(found(other), (vec![], expected), "{other}");
        }
    }

    #[test]
    fn commas_are_counted() {
        for wrong in [
            r#"{"items":[,]}"#,
            r#"{"items":[,1]}"#,
            r#"{"items":[1,]}"#,
            r#"{"items":[1,,2]}"#,
            r#"{"items":[1 2]}"#,
            r#"{"items":[1}"#,
            r#"{"items":[1]"#,
            r#"{"items":[{]}]}"#,
            r#"{"items":[1]} "items":[1]"#,
        ] {
            assert!(whole(wrong).is_err(), "{wrong}");
        }
    }
}
