//! Who could keep a task that nobody keeps: how its handle is lost, and the struct, caller or scope that could have it.

mod built;
mod drops;
mod given;
mod leaving;
mod lost;
mod output;
mod owner;
mod print;
mod results;
mod scope;
mod several;
mod weak;

use built::literal_type;
pub use built::{
    BuiltStruct, LiteralPlace, Room, built_struct, field_type_of, free_field, made_at, made_field, made_local,
    made_local_with_field, room_in,
};
pub use drops::{DropPlace, drop_place, is_assigned};
pub use given::{GivenStruct, GivenValue, given_struct, locals_behind};
pub use leaving::{Leaving, Tells, leaving};
pub use lost::{
    Each, LostForm, LostValue, Several, calls_on_the_way, future_argument, given_value, lost_value, may_run_unit,
    spawn_callee,
};
pub use output::{Output, output_at, task_output};
pub use owner::{Access, SelfOwner, self_owner, visibility_for};
pub use print::print_keepers;
use results::all_callers;
pub use results::{ResultPlace, ResultType, TakenValue, passed_on, result_place, taken_value};
pub use scope::{body_waits_behind, gives_only_news, has_block, is_body_of_test, lives_on_in_block, waits_within};
use several::lost_among_several;
pub use weak::{Strong, StrongUse, WeakCallee, WeakChange, WeakFrom, Weakened, weakened, weakened_callee};
