//! Who could keep a task that nobody keeps: how its handle is lost, and the struct, caller or scope that could have it.

mod built;
mod drops;
mod leaving;
mod lost;
mod output;
mod print;
mod results;
mod scope;
mod several;
mod weak;

pub use built::{BuiltStruct, LiteralPlace};
pub use drops::DropPlace;
pub use leaving::{Leaving, Tells};
pub use lost::{Each, LostForm, LostValue, Several};
pub use output::Output;
pub use results::{ResultPlace, ResultType, TakenValue};
pub use weak::{Strong, StrongUse, WeakCallee, WeakChange, WeakFrom, Weakened};
