//! Why something cannot be told, and what is known of loops and ways out, each with its words for people.

use crate::facts::Expr;

/// Why the workspace does not show when a task ends, or what becomes of its handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OpenReason {
    /// To find out would take too much work.
    GaveUp,
    /// A function that calls itself.
    CallsItself,
    /// Not part of a body.
    NotPartOfBody,
    /// A name that is not a binding.
    NoBinding,
    /// An expression that is not followed.
    NotFollowed,
    /// A destructuring assignment.
    DestructuringAssignment,
    /// A field outside a literal.
    FieldOutsideLiteral,
    /// Inside a macro.
    InsideMacro,
    /// Mentioned in a macro.
    MentionedInMacro,
    /// An iterator that is not followed.
    IteratorNotFollowed,
    /// A guard that is not followed.
    GuardNotFollowed,
    /// An argument without parameter.
    NoParameter,
    /// A function without body.
    NoBody,
    /// A function without receiver.
    NoReceiver,
    /// A parameter that is taken apart.
    ParameterTakenApart,
    /// The receiver of the spawn is not known.
    SpawnReceiver,
    /// A field of that name on an unknown receiver.
    FieldOnUnknown,
    /// The field is public.
    PublicField,
    /// A closure that was handed in.
    HandedInClosure,
    /// A future that was handed in.
    HandedInFuture,
    /// A closure that code outside of the workspace hands in.
    GivenClosure,
    /// A future that code outside of the workspace hands in.
    GivenFuture,
    /// A method that users of the library implement.
    UserMethod,
    /// A trait method whose type is not known.
    TraitMethod,
    /// A method on a receiver whose type is not known.
    MethodOnUnknown,
    /// A method that the workspace's type has from elsewhere.
    MethodFromElsewhere,
    /// A method of a type from outside the workspace.
    ForeignMethod,
    /// A function outside the workspace.
    ForeignFunction,
    /// A future from outside the workspace.
    ForeignFuture,
    /// A hand-written future.
    OwnFuture,
    /// A hand-written stream.
    OwnStream,
    /// A value whose type is not known.
    UnknownValue,
    /// A future whose end is not known.
    UnknownFuture,
    /// A stream whose end is not known.
    UnknownStream,
    /// Waits for another task.
    OtherTask,
    /// Waits for other tasks.
    OtherTasks,
    /// A parked thread.
    ParkedThread,
    /// A loop that ends on a condition of its own.
    OwnLoop,
    /// Several ways, of which none decides.
    NoneDecides,
    /// A condition of its own.
    OwnCondition,
    /// A flag of its own.
    OwnFlag,
    /// A function of its own.
    OwnFunction,
    /// An error.
    Error,
    /// Nothing is waiting.
    NothingWaiting,
    /// The result of a function.
    ResultOfFunction,
    /// What it is sent.
    WhatIsSent,
    /// What other code gives.
    OtherCode,
}

impl OpenReason {
    /// The words for it.
    pub fn words(self) -> &'static str {
        match self {
            OpenReason::GaveUp => "gave up: too much work",
            OpenReason::CallsItself => "a function that calls itself",
            OpenReason::NotPartOfBody => "not part of a body",
            OpenReason::NoBinding => "a name that is not a binding",
            OpenReason::NotFollowed => "an expression that is not followed",
            OpenReason::DestructuringAssignment => "a destructuring assignment",
            OpenReason::FieldOutsideLiteral => "a field outside a literal",
            OpenReason::InsideMacro => "inside a macro",
            OpenReason::MentionedInMacro => "mentioned in a macro",
            OpenReason::IteratorNotFollowed => "an iterator that is not followed",
            OpenReason::GuardNotFollowed => "a guard that is not followed",
            OpenReason::NoParameter => "an argument without a parameter",
            OpenReason::NoBody => "a function without a body",
            OpenReason::NoReceiver => "a function without a receiver",
            OpenReason::ParameterTakenApart => "a destructured parameter",
            OpenReason::SpawnReceiver => "the receiver of the spawn is not known",
            OpenReason::FieldOnUnknown => "a field of that name on an unknown receiver",
            OpenReason::PublicField => "the field is public",
            OpenReason::HandedInClosure => "a closure that was passed in",
            OpenReason::HandedInFuture => "a future that was passed in",
            OpenReason::GivenClosure => "a closure passed in from outside the workspace",
            OpenReason::GivenFuture => "a future passed in from outside the workspace",
            OpenReason::UserMethod => "a method that users of the library implement",
            OpenReason::TraitMethod => "a trait method whose type is not known",
            OpenReason::MethodOnUnknown => "a method on a receiver whose type is not known",
            OpenReason::MethodFromElsewhere => "a method that a workspace type gets from outside the workspace",
            OpenReason::ForeignMethod => "a method of a type from outside the workspace",
            OpenReason::ForeignFunction => "a function outside the workspace",
            OpenReason::ForeignFuture => "a future from outside the workspace",
            OpenReason::OwnFuture => "a hand-written future",
            OpenReason::OwnStream => "a hand-written stream",
            OpenReason::UnknownValue => "a value whose type is not known",
            OpenReason::UnknownFuture => "a future whose end is not known",
            OpenReason::UnknownStream => "a stream whose end is not known",
            OpenReason::OtherTask => "waits for another task",
            OpenReason::OtherTasks => "waits for other tasks",
            OpenReason::ParkedThread => "a parked thread",
            OpenReason::OwnLoop => "a loop that ends on a condition of its own",
            OpenReason::NoneDecides => "several exits, none of them decisive",
            OpenReason::OwnCondition => "a condition of its own",
            OpenReason::OwnFlag => "a flag of its own",
            OpenReason::OwnFunction => "a function of its own",
            OpenReason::Error => "an error",
            OpenReason::NothingWaiting => "nothing is waiting",
            OpenReason::ResultOfFunction => "the result of a function",
            OpenReason::WhatIsSent => "what is sent to it",
            OpenReason::OtherCode => "a value from other code",
        }
    }
}

/// Why a way out of a loop cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoExit {
    /// A listener never ends.
    Listener,
    /// A signal stream never ends.
    SignalStream,
    /// An arm beside it never goes dead.
    LiveArm,
    /// An interval never ends.
    Interval,
    /// It waits for ever.
    Forever,
    /// What it waits for never comes.
    NeverComes,
    /// A task fails only by panicking.
    Panic,
}

impl NoExit {
    /// The words for it.
    pub fn words(self) -> &'static str {
        match self {
            NoExit::Listener => "a listener never ends",
            NoExit::SignalStream => "a signal stream never ends",
            NoExit::LiveArm => "another branch is never disabled",
            NoExit::Interval => "an interval never ends",
            NoExit::Forever => "the wait never ends",
            NoExit::NeverComes => "what this waits for never happens",
            NoExit::Panic => "the inner task fails only if it panics",
        }
    }
}

/// How something goes round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LoopKind {
    /// `loop`
    Loop,
    /// `while`
    While,
    /// `for`
    For,
    /// It does not: it is one wait that lasts for ever.
    Wait,
}

impl LoopKind {
    /// The kind of a loop; `None` if an expression is none.
    pub(crate) fn of(expr: Expr) -> Option<LoopKind> {
        match expr {
            Expr::Loop { .. } => Some(LoopKind::Loop),
            Expr::While { .. } => Some(LoopKind::While),
            Expr::For { .. } => Some(LoopKind::For),
            _ => None,
        }
    }

    /// The keyword, as it is written.
    pub fn word(self) -> &'static str {
        match self {
            LoopKind::Loop => "loop",
            LoopKind::While => "while",
            LoopKind::For => "for",
            LoopKind::Wait => "wait",
        }
    }
}

/// What took a handle, where that is not followed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum MovedInto {
    /// Something that reads so: a method, a function, a collection.
    Code(String),
    /// The closure of a method.
    ClosureOf(String),
    /// A field.
    Field(String),
    /// Some call.
    Call,
    /// What a closure gives.
    ClosureResult,
    /// What a block gives.
    BlockResult,
    /// What an async block gives.
    BlockOutput,
    /// What a loop gives.
    LoopValue,
    /// A future whose output it is.
    GivingFuture,
    /// A guard whose closure the text does not show.
    Guard,
    /// A stream.
    Stream,
    /// A static.
    Static,
    /// What a reference points to.
    Referent,
    /// A struct of another crate.
    ForeignStruct,
}

impl MovedInto {
    /// The words for it.
    pub fn words(&self) -> String {
        let words = match self {
            MovedInto::Code(text) => return format!("`{text}`"),
            MovedInto::ClosureOf(method) => return format!("the closure passed to `{method}`"),
            MovedInto::Field(field) => return format!("the field `{field}`"),
            MovedInto::Call => "a call",
            MovedInto::ClosureResult => "the result of a closure",
            MovedInto::BlockResult => "the result of a block",
            MovedInto::BlockOutput => "the output of an async block",
            MovedInto::LoopValue => "the value of a loop",
            MovedInto::GivingFuture => "a future that yields the handle",
            MovedInto::Guard => "a guard",
            MovedInto::Stream => "a stream",
            MovedInto::Static => "a static",
            MovedInto::Referent => "what a reference points to",
            MovedInto::ForeignStruct => "a struct from elsewhere",
        };
        words.to_owned()
    }
}
