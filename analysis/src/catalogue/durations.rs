//! Durations: how they are made, and what is calculated with them.

/// What a method calculates of its receiver and its argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// The sum.
    Add,
    /// The difference, not below nothing.
    Sub,
    /// The product with a number.
    Mul,
    /// The quotient with a number.
    Div,
    /// The smaller.
    Min,
    /// The larger.
    Max,
    /// What lies nearest between its two arguments.
    Clamp,
    /// Something in the range that is its argument.
    Draw,
    /// The power with a number.
    Power,
}

const METHODS: &[(&str, Arithmetic)] = &[
    ("saturating_add", Arithmetic::Add),
    ("checked_add", Arithmetic::Add),
    ("add", Arithmetic::Add),
    ("saturating_sub", Arithmetic::Sub),
    ("checked_sub", Arithmetic::Sub),
    ("sub", Arithmetic::Sub),
    ("saturating_mul", Arithmetic::Mul),
    ("checked_mul", Arithmetic::Mul),
    ("mul", Arithmetic::Mul),
    ("mul_f64", Arithmetic::Mul),
    ("mul_f32", Arithmetic::Mul),
    ("checked_div", Arithmetic::Div),
    ("div", Arithmetic::Div),
    ("div_f64", Arithmetic::Div),
    ("div_f32", Arithmetic::Div),
    ("min", Arithmetic::Min),
    ("max", Arithmetic::Max),
    ("clamp", Arithmetic::Clamp),
    ("gen_range", Arithmetic::Draw),
    ("random_range", Arithmetic::Draw),
    ("pow", Arithmetic::Power),
    ("saturating_pow", Arithmetic::Power),
    ("checked_pow", Arithmetic::Power),
];

/// Constructors of `Duration` and `TimeDelta`, and the seconds that one of their unit has.
const CONSTRUCTORS: &[(&str, f64)] = &[
    ("from_secs", 1.0),
    ("from_secs_f32", 1.0),
    ("from_secs_f64", 1.0),
    ("seconds", 1.0),
    ("from_millis", 1e-3),
    ("milliseconds", 1e-3),
    ("from_micros", 1e-6),
    ("microseconds", 1e-6),
    ("from_nanos", 1e-9),
    ("nanoseconds", 1e-9),
    ("from_nanos_u128", 1e-9),
    ("from_mins", 60.0),
    ("minutes", 60.0),
    ("from_hours", 3600.0),
    ("hours", 3600.0),
    ("from_days", 86_400.0),
    ("days", 86_400.0),
    ("from_weeks", 604_800.0),
    ("weeks", 604_800.0),
];

/// Methods that make a duration of a number.
const OF_NUMBERS: &[(&str, f64)] = &[("std_seconds", 1.0), ("std_minutes", 60.0), ("std_hours", 3600.0)];

fn find<T: Copy>(rows: &[(&str, T)], name: &str) -> Option<T> {
    rows.iter().find(|(known, _)| *known == name).map(|(_, found)| *found)
}

/// What a method of that name calculates.
pub fn arithmetic(method: &str) -> Option<Arithmetic> {
    find(METHODS, method)
}

/// The seconds of one unit of a constructor, also of its `try_` form.
pub fn constructor_unit(name: &str) -> Option<f64> {
    find(CONSTRUCTORS, name.trim_start_matches("try_"))
}

/// The seconds of one unit of a method on a number.
pub fn number_unit(method: &str) -> Option<f64> {
    find(OF_NUMBERS, method)
}
