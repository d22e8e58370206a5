//! Methods by name: what they do with what they are called on, and with what they are given.
//!
//! A name says it for whatever receiver: who knows the receiver's type asks that first, and the workspace's own method
//! of that name before anything else.

mod rows;

use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// One thing that methods of a name do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Gives another one of the same: of a shared pointer, the same thing behind it.
    Clones,
    /// Gives the same value, or a reference into what holds it.
    Views,
    /// Gives what a pointer points to.
    DerefsPointer,
    /// Gives `&mut` to what stays where it is.
    Lends,
    /// Gives a guard of what is inside.
    Locks,
    /// Gives a guard through which what is inside may be changed.
    Guards,
    /// Gives what is inside, or panics.
    Unwraps,
    /// Panics if there is nothing, or an error.
    Panics,
    /// Gives what is inside, or something else.
    Defaults,
    /// Gives the same as another type.
    Converts,
    /// Gives what a cell has now.
    Loads,
    /// Gives a strong pointer of a weak one.
    Upgrades,
    /// Says more about an error.
    Explains,
    /// Drops an error.
    Oks,
    /// Gives a part that is kept in what it is called on, under a name of some library.
    Reaches,
    /// Puts its argument behind or before the others.
    Appends,
    /// Puts its argument into a cell, a set or under a key.
    Stores,
    /// Puts all of its argument in.
    Extends,
    /// Puts its argument in, by a name that much else has, too.
    Adds,
    /// Puts its argument in and gives what was there.
    Exchanges,
    /// Gives the place of a key.
    Enters,
    /// Puts its argument in if there is nothing yet, and gives what is there.
    Ensures,
    /// The same, with a closure or a default.
    EnsuresBy,
    /// Takes the value out and leaves nothing.
    Takes,
    /// Gives what was there.
    GivesOld,
    /// Takes one or some out and gives them.
    Pops,
    /// Gives all, by value.
    Drains,
    /// Gives all, by value, and leaves it empty.
    DrainsInPlace,
    /// Gives all, by reference.
    Iterates,
    /// Gives one, by reference.
    Finds,
    /// Lets go of all that is inside, or of the rest of it.
    Clears,
    /// Lets go of all that is inside.
    Empties,
    /// Lets a closure say what stays, or what stands there then.
    Retains,
    /// Lets go of some, in a cache or a concurrent map.
    Evicts,
    /// Bounds the size, or asks for it.
    Caps,
    /// Makes room, or gives it back.
    Reserves,
    /// Asks whether there is something, or whether it went well.
    AsksState,
    /// Asks how many there are.
    Counts,
    /// Asks for the size or for a member.
    AsksContent,
    /// Asks a task for its state or name.
    AsksTask,
    /// What only a handle that lives can be asked.
    AsksHandle,
    /// Aborts the task, or all of a set.
    Aborts,
    /// Ends all tasks of a set.
    EndsAll,
    /// Aborts all tasks of a set, which stay in it.
    AbortsAll,
    /// What an owner of a handle has as the handle has it.
    OwnerHas,
    /// Waits for tasks of a set.
    Joins,
    /// Waits for the task or thread.
    Awaits,
    /// Gives the next item of a stream.
    Nexts,
    /// Lets the task go on without its handle.
    Detaches,
    /// Lets it live for ever.
    Forgets,
    /// Lets all tasks of a set go on.
    DetachesAll,
    /// Starts a task on a set, a runtime or a handle of one.
    Spawns,
    /// Runs a future until it is done.
    RunsFuture,
    /// Gives a future, or stream, that does the same and gives the same.
    Wraps,
    /// Gives a future that gives the same and has something around it.
    Dresses,
    /// Gives the same and shows it to a closure.
    Inspects,
    /// Gives a future with another error.
    ChangesError,
    /// Gives a future with another value.
    ChangesValue,
    /// Gives a future that makes a value of an error.
    Recovers,
    /// Takes one layer off.
    Flattens,
    /// Goes on with a second future.
    Chains,
    /// Gives `&mut` to a stream or future.
    Reborrows,
    /// Gives a stream with fewer items.
    Selects,
    /// The first of two futures.
    Races,
    /// Runs a future for a time at most.
    Bounds,
    /// Runs a future until the token is cancelled.
    UntilCancelled,
    /// Gives a future or stream that ends with a sign.
    StopsWith,
    /// Is given a token, to which it only listens.
    TakesToken,
    /// Runs a whole stream into its argument.
    Pours,
    /// Runs a whole stream, or iterator, and gives one value.
    Collects,
    /// Gives all of an iterator.
    Gathers,
    /// Cancels a token, or makes what does so when it is dropped.
    Cancels,
    /// Makes what cancels a token when it is dropped.
    MakesGuard,
    /// Asks whether it failed, or is not there.
    AsksFailure,
    /// Asks whether it went well, or is there.
    AsksSuccess,
    /// Wakes those who wait.
    Notifies,
    /// Sends a value.
    Sends,
    /// Sends a value, if there is room.
    FailsWhenFull,
    /// Waits for room for one more, if it is awaited.
    AwaitsRoom,
    /// Closes a channel.
    Closes,
    /// Asks a token, a notification or the half of a channel for its end, or gives something that does.
    Listens,
    /// Says whether the other half is gone.
    TellsClosed,
    /// Gives a receiver of a sender.
    Subscribes,
    /// Gives what has been sent, if something has been.
    TriesRecv,
    /// Gives what is sent, without `.await`.
    BlocksRecv,
    /// Its error says at once that all senders are gone.
    TellsEnd,
    /// Gives the next message, or nothing when the channel is closed.
    GivesMessage,
    /// Gives the next message or connection.
    Arrives,
    /// Blocks its thread.
    Blocks,
    /// Stays for long, by whatever receiver.
    MayStay,
    /// Writes: over as soon as the buffer is.
    GoesOut,
    /// Gives each item, or the one, to a closure and not on.
    Walks,
    /// Its closure gets what is inside.
    GivesElement,
    /// Gives what its closure gives, or its argument.
    GivesOn,
    /// Gives the same items in another order or shape.
    Arranges,
    /// Gives an iterator that ends when the one below does.
    LastsAlike,
    /// Gives an iterator or stream that does not end.
    Endless,
    /// Gives what its closure makes of what is inside.
    OpensOption,
    /// Gives something that fails when what it is called on does.
    FailsAlike,
    /// Its closure gets the error.
    HandlesError,
    /// Fails only if somebody panicked while it was locked.
    OnlyPoisoned,
    /// Asks how long ago something was.
    AsksClock,
    /// Calls its closure with what is inside, or if it is true.
    Maps,
    /// Takes what it is called on by value.
    Consumes,
    /// Runs its closure once for each cell.
    RunsOnce,
    /// Says whether there is something: of an `Option` only.
    AsksOption,
    /// Sets an atomic flag, or fills a cell, and says how it was.
    Marks,
    /// Opens a span of tracing.
    OpensSpan,
    /// Gives a guard for as long as which the span is open.
    EntersSpan,
    /// Gives the same span.
    KeepsSpan,
    /// Gives spans around the own one.
    OtherSpans,
    /// Gives what is kept with a span.
    Extensions,
    /// What the macros of pin-project write: gives its fields, pinned.
    Projects,
    /// Gives a value of the same type, or of one that counts as the same.
    KeepsType,
    /// Gives what is inside one layer of the type.
    GivesInside,
    /// Gives an `Option` of what is inside.
    GivesOption,
    /// Is no work: it asks or converts a result, a counter, a channel.
    Plain,
    /// Has a name that many libraries give to a method, so that the name alone does not say whose it is.
    Common,
}

/// All that the catalogue knows of a method by its name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Method(u128);

impl Method {
    const fn of(facts: &[Does]) -> Method {
        let mut bits = 0;
        let mut at = 0;
        while at < facts.len() {
            bits |= 1 << facts[at] as u128;
            at += 1;
        }
        Method(bits)
    }

    /// Whether it does that.
    pub const fn does(self, fact: Does) -> bool {
        self.0 & Method::of(&[fact]).0 != 0
    }

    /// Whether it does one of those.
    pub const fn does_any(self, facts: &[Does]) -> bool {
        self.0 & Method::of(facts).0 != 0
    }

    /// Whether what it gives is the thing in its receiver, still there: `lock()`, `unwrap()`, `as_mut()`.
    pub const fn sees_through(self) -> bool {
        self.does_any(&[Does::Views, Does::Locks, Does::Unwraps])
    }

    /// Whether what it gives is the same thing, or another name for it: with `clone()`.
    pub const fn gives_same(self) -> bool {
        self.sees_through() || self.does(Does::Clones)
    }

    /// Whether it puts an argument, by value, into what it is called on.
    pub const fn puts(self) -> bool {
        self.does_any(&[Does::Appends, Does::Stores, Does::Exchanges, Does::Ensures])
    }

    /// Whether it puts something into a place for one.
    pub const fn fills_slot(self) -> bool {
        self.does_any(&[Does::Stores, Does::Exchanges, Does::Ensures, Does::EnsuresBy])
    }

    /// Whether what it is given is afterwards in what it is called on.
    pub const fn keeps_argument(self) -> bool {
        self.puts() || self.does_any(&[Does::Extends, Does::Adds, Does::Enters])
    }

    /// Whether it is true when something failed or is not there, or when it went well; `None` if it asks neither.
    pub const fn asks_failure(self) -> Option<bool> {
        match (self.does(Does::AsksFailure), self.does(Does::AsksSuccess)) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }

    /// Whether it takes something out of what it is called on.
    pub const fn takes_out(self) -> bool {
        self.does_any(&[Does::Takes, Does::Pops, Does::Empties, Does::Retains, Does::Evicts])
    }

    /// Whether it gives a future that ends when the one that it is called on does.
    pub const fn adapts_future(self) -> bool {
        self.does_any(&[
            Does::Wraps,
            Does::Dresses,
            Does::Inspects,
            Does::ChangesError,
            Does::ChangesValue,
            Does::Recovers,
        ])
    }
}

static METHODS: LazyLock<FxHashMap<&'static str, Method>> =
    LazyLock::new(|| rows::ROWS.iter().map(|(name, facts)| (*name, Method::of(facts))).collect());

/// What methods of that name do: nothing, if the catalogue does not know it.
pub fn method(name: &str) -> Method {
    METHODS.get(name).copied().unwrap_or_default()
}

/// The names of all methods of a kind.
pub fn methods_that(is_wanted: impl Fn(Method) -> bool) -> impl Iterator<Item = &'static str> {
    let names = rows::ROWS.iter().map(|(name, facts)| (*name, Method::of(facts)));
    names.filter(move |(_, method)| is_wanted(*method)).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_one_row() {
        assert_eq!(METHODS.len(), rows::ROWS.len());
    }

    #[test]
    fn a_row_tells_all_that_is_known() {
        let unwrap = method("unwrap");
        assert!(unwrap.sees_through() && unwrap.does(Does::GivesInside) && !unwrap.puts());
        assert!(method("push").puts() && !method("push").fills_slot());
        assert_eq!(method("no_such_method"), Method::default());
    }
}
