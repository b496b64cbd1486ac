//! The core module of a policy, as text.

use std::fmt::Write as _;

/// Where its texts begin; what the host hands over comes after them.
const TEXTS: usize = 1024;

/// What its functions do.
#[derive(Clone, Debug)]
pub(crate) struct Module {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) summary: String,
    pub(crate) verbs: Vec<String>,
    pub(crate) wants_holder: bool,
    pub(crate) example: String,
    pub(crate) pages: u32,
    pub(crate) fields: String,
    pub(crate) start: Option<String>,
    pub(crate) describe: Option<String>,
    pub(crate) configure: String,
    pub(crate) review: String,
}

impl Module {
    pub(crate) fn new(name: &str) -> Self {
        let verbs = ["acquire", "force-release", "release", "run", "steal"];
        Self {
            name: name.to_owned(),
            version: "1.2.3".to_owned(),
            summary: "A policy for tests.".to_owned(),
            verbs: verbs.map(str::to_owned).to_vec(),
            wants_holder: false,
            example: "{}".to_owned(),
            pages: 2,
            fields: String::new(),
            start: None,
            describe: None,
            configure: "(return (call $verdict (i32.const 0)))".to_owned(),
            review: "(return (call $verdict (i32.const 0)))".to_owned(),
        }
    }

    /// The module. A `{"text"}` in a body stands for where that text lies.
    pub(crate) fn text(&self, interface: &str, log: &str, asks_for_files: bool) -> String {
        let mut texts = Texts::default();
        let describe = match &self.describe {
            Some(body) => texts.placed(body),
            None => self.description(&mut texts),
        };
        let (configure, review) = (texts.placed(&self.configure), texts.placed(&self.review));
        let start = self.start.as_deref().map_or_else(String::new, |body| {
            let body = texts.placed(body);
            format!("(func $start {body})\n(start $start)")
        });
        let files = if asks_for_files {
            "(import \"wasi:filesystem/types@0.2.0\" \"read\" (func))"
        } else {
            ""
        };
        format!(
            r#"(module
(import "{log}" "write" (func $log (param i32 i32 i32)))
{files}
(memory (export "memory") {pages})
(global $free (mut i32) (i32.const {free}))
{fields}
(func (export "cabi_realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32)
  (result i32)
  (local $at i32)
  (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
  (global.set $free (i32.add (local.get $at) (local.get $new)))
  (block $enough
    (br_if $enough (i32.le_u (global.get $free) (i32.mul (memory.size) (i32.const 65536))))
    (br_if $enough (i32.ne (i32.const -1) (memory.grow (i32.add (i32.const 1)
      (i32.div_u (local.get $new) (i32.const 65536))))))
    (unreachable))
  (local.get $at))
(func $verdict (param $case i32) (result i32)
  (i32.store8 (i32.const 512) (local.get $case))
  (i32.const 512))
(func $finding (param $case i32) (param $code i32) (param $code_length i32)
  (param $message i32) (param $message_length i32) (result i32)
  (i32.store offset=4 (i32.const 512) (local.get $code))
  (i32.store offset=8 (i32.const 512) (local.get $code_length))
  (i32.store offset=12 (i32.const 512) (local.get $message))
  (i32.store offset=16 (i32.const 512) (local.get $message_length))
  (call $verdict (local.get $case)))
{start}
(func (export "{interface}#describe") (result i32) (local $i i32)
  {describe}
  (unreachable))
(func $configure (export "{interface}#configure") (param $settings i32) (param $length i32)
  (result i32) (local $i i32)
  {configure}
  (unreachable))
(func $review (export "{interface}#review") (param $request i32) (result i32) (local $i i32)
  {review}
  (unreachable))
{data})"#,
            pages = self.pages,
            free = texts.end(),
            fields = self.fields,
            data = texts.data(),
        )
    }

    /// Stores a description where its record lies, at 0; the list of verbs is at 64.
    fn description(&self, texts: &mut Texts) -> String {
        let mut body = String::new();
        let mut store = |at: usize, value: usize| {
            let _ = writeln!(
                body,
                "(i32.store offset={at} (i32.const 0) (i32.const {value}))"
            );
        };
        let fields = [
            (0, &self.name),
            (8, &self.version),
            (16, &self.summary),
            (36, &self.example),
        ];
        for (at, text) in fields {
            store(at, texts.place(text));
            store(at + 4, text.len());
        }
        store(24, 64);
        store(28, self.verbs.len());
        store(32, self.wants_holder.into());
        for (index, verb) in self.verbs.iter().enumerate() {
            store(64 + index * 8, texts.place(verb));
            store(68 + index * 8, verb.len());
        }
        body + "(return (i32.const 0))"
    }
}

/// Texts in the memory of a module.
#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
}

impl Texts {
    fn place(&mut self, text: &str) -> usize {
        let at = TEXTS + self.bytes.len();
        self.bytes.extend_from_slice(text.as_bytes());
        at
    }

    /// A body with the places of its texts.
    fn placed(&mut self, body: &str) -> String {
        let mut placed = String::new();
        let mut rest = body;
        while let Some((before, after)) = rest.split_once("{\"") {
            let end = after.find("\"}").unwrap();
            let literal = format!("\"{}\"", &after[..end]);
            let text: String = unquoted(&literal);
            let _ = write!(placed, "{before}{}", self.place(&text));
            rest = &after[end + 2..];
        }
        placed + rest
    }

    fn end(&self) -> usize {
        TEXTS + self.bytes.len()
    }

    fn data(&self) -> String {
        let mut text = format!("(data (i32.const {TEXTS}) \"");
        for byte in &self.bytes {
            let _ = write!(text, "\\{byte:02x}");
        }
        text + "\")"
    }
}

/// A text as `{:?}` wrote it.
fn unquoted(literal: &str) -> String {
    let mut text = String::new();
    let mut chars = literal.trim_matches('"').chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, false) => text.push(c),
            _ => match chars.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                Some('0') => text.push('\0'),
                Some('u') => {
                    let digits: String = chars.by_ref().take_while(|c| *c != '}').collect();
                    let code = u32::from_str_radix(digits.trim_start_matches('{'), 16).unwrap();
                    text.push(char::from_u32(code).unwrap());
                }
                Some(c) => text.push(c),
                None => {}
            },
        }
    }
    text
}
