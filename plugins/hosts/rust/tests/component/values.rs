//! Values of the component, and the JSON of `lease-conformance`.

use serde_json::{Map, Value, json};
use wasmtime::component::{Type, Val};

/// Takes a snapshot's lease, and returns the resource.
pub(crate) type Snapshots<'a> = &'a mut dyn FnMut(&Value) -> Val;

pub(crate) fn to_val(json: &Value, of: &Type, snapshots: Snapshots<'_>) -> Val {
    match of {
        Type::Bool => Val::Bool(json.as_bool().unwrap()),
        Type::S32 => Val::S32(i32::try_from(json.as_i64().unwrap()).unwrap()),
        Type::U32 => Val::U32(u32::try_from(json.as_u64().unwrap()).unwrap()),
        Type::S64 => Val::S64(json["int"].as_str().unwrap().parse().unwrap()),
        Type::U64 => Val::U64(json["int"].as_str().unwrap().parse().unwrap()),
        Type::String => Val::String(json.as_str().unwrap().to_owned()),
        Type::List(list) => {
            let all = json.as_array().unwrap().iter();
            Val::List(
                all.map(|each| to_val(each, &list.ty(), snapshots))
                    .collect(),
            )
        }
        Type::Record(record) => Val::Record(
            record
                .fields()
                .map(|field| {
                    let value = to_val(&json[field.name], &field.ty, snapshots);
                    (field.name.to_owned(), value)
                })
                .collect(),
        ),
        Type::Variant(variant) => {
            let tag = json["tag"].as_str().unwrap();
            let case = variant.cases().find(|case| case.name == tag).unwrap();
            let payload = case.ty.map(|ty| to_val(&json["value"], &ty, snapshots));
            Val::Variant(tag.to_owned(), payload.map(Box::new))
        }
        Type::Enum(_) => Val::Enum(json.as_str().unwrap().to_owned()),
        Type::Option(option) => {
            let some = (!json.is_null()).then(|| to_val(json, &option.ty(), snapshots));
            Val::Option(some.map(Box::new))
        }
        Type::Own(_) => snapshots(&json["snapshot"]),
        other => panic!("the contract has no {other:?}"),
    }
}

pub(crate) fn to_json(value: &Val) -> Value {
    match value {
        Val::Bool(value) => json!(value),
        Val::S32(value) => json!(value),
        Val::U32(value) => json!(value),
        Val::S64(value) => json!({ "int": value.to_string() }),
        Val::U64(value) => json!({ "int": value.to_string() }),
        Val::String(value) | Val::Enum(value) => json!(value),
        Val::List(all) => all.iter().map(to_json).collect(),
        Val::Record(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), to_json(value)));
            Value::Object(fields.collect())
        }
        Val::Variant(tag, value) => json!({ "tag": tag, "value": value.as_deref().map(to_json) }),
        Val::Option(value) => value.as_deref().map_or(Value::Null, to_json),
        Val::Result(Ok(value)) => json!({ "ok": value.as_deref().map(to_json) }),
        Val::Result(Err(error)) => {
            let mut error: Map<String, Value> = match error.as_deref().map(to_json) {
                Some(Value::Object(error)) => error,
                error => panic!("{error:?} is no error"),
            };
            let message = error.remove("message").unwrap();
            assert!(!message.as_str().unwrap().is_empty(), "{error:?}");
            json!({ "err": error })
        }
        Val::Resource(_) => Value::Null,
        other => panic!("the contract has no {other:?}"),
    }
}
