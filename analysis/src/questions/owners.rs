//! The inventory by type: the fields through which tasks can be ended, and who ends them.

use super::{
    Act, Dead, Ending, Fate, Named, OwnerEvidence, Program, Signal, SignalKind, Task, Type, TypeRef, Value,
    ownership::Homes, signs::Sign,
};
use crate::{
    catalogue::{self, OnDrop, TaskHold},
    facts::TypeKind,
    span::{FileId, Span},
};
use std::collections::BTreeMap;

/// A type of the workspace with the fields through which tasks can be ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerEntry {
    /// The type.
    pub owner: Named,
    /// Its crate, as code names it.
    pub krate: String,
    /// In order of declaration.
    pub fields: Vec<OwnerField>,
}

impl OwnerEntry {
    /// All places that it names.
    pub fn places(&self) -> impl Iterator<Item = Span> {
        let of_fields = self.fields.iter().flat_map(|field| {
            let tasks = field.tasks.iter().map(|task| task.at);
            let acts = field.acts.iter().flat_map(|act| [act.at, act.by.at]);
            let why = field.why.iter().filter_map(|(_, at)| *at);
            tasks.chain(acts).chain(why).chain([field.at])
        });
        of_fields.chain([self.owner.at])
    }
}

/// A field through which tasks can be ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerField {
    /// Its name; of a variant `Variant.name`.
    pub name: String,
    /// Where it is declared.
    pub at: Span,
    /// What it holds.
    pub holds: Holds,
    /// The tasks that are known to be behind it: what runs, and where it is spawned.
    pub tasks: Vec<Named>,
    /// What the code does with it, outside of tests; looking at it left out.
    pub acts: Vec<OwnerAct>,
    /// What ends its tasks.
    pub verdict: OwnerVerdict,
    /// Why the verdict is so, where a place shows it.
    pub why: Option<(String, Option<Span>)>,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// Something of a library.
    Foreign(TaskHold),
    /// A type of the workspace that ends a task when it is dropped.
    Owner(String),
    /// A flag, or something else that a task looks at.
    Flag,
}

impl Holds {
    /// What it is, in a word or two.
    pub fn words(&self) -> String {
        match self {
            Holds::Foreign(hold) => hold.words().to_owned(),
            Holds::Owner(name) => name.clone(),
            Holds::Flag => "flag".to_owned(),
        }
    }
}

/// What the code does with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerAct {
    /// What.
    pub act: Act,
    /// The function that does it.
    pub by: Named,
    /// Where.
    pub at: Span,
    /// Whether the drop of the type runs it.
    pub is_in_drop: bool,
}

/// What ends the tasks behind a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OwnerVerdict {
    /// Dropping the value ends them.
    EndsOnDrop,
    /// Dropping the value gives them the sign to end.
    SignalsOnDrop,
    /// Only a method does.
    OnlyByMethod,
    /// The field is given to somebody else.
    HandedOut,
    /// Nothing does.
    NeverEnded,
    /// Cannot be told.
    Unknown,
}

impl OwnerVerdict {
    /// All of them, in the order in which they are counted.
    pub const ALL: [OwnerVerdict; 6] = [
        OwnerVerdict::NeverEnded,
        OwnerVerdict::OnlyByMethod,
        OwnerVerdict::Unknown,
        OwnerVerdict::HandedOut,
        OwnerVerdict::SignalsOnDrop,
        OwnerVerdict::EndsOnDrop,
    ];

    /// One word for it.
    pub fn word(self) -> &'static str {
        match self {
            OwnerVerdict::EndsOnDrop => "ends-on-drop",
            OwnerVerdict::SignalsOnDrop => "signals-on-drop",
            OwnerVerdict::OnlyByMethod => "only-by-method",
            OwnerVerdict::HandedOut => "handed-out",
            OwnerVerdict::NeverEnded => "never-ended",
            OwnerVerdict::Unknown => "unknown",
        }
    }
}

/// What is known of a field from the tasks behind it.
#[derive(Debug, Default)]
struct Behind {
    tasks: Vec<Named>,
    /// Why the sign that the field gives can never come.
    dead: Option<Dead>,
    /// Whether a task ends when the other half of its channel is dropped.
    is_half: bool,
}

type Fields = BTreeMap<(TypeRef, String), Behind>;

impl Program {
    /// The types of some files that can end tasks, by place.
    pub fn owner_inventory(&self, is_selected: &dyn Fn(FileId) -> bool) -> Vec<OwnerEntry> {
        let mut behind = Fields::new();
        for (task, fate, ending, _) in self.answers() {
            self.ask(Some(task.site), || self.fields_of_task(task, fate, ending, &mut behind));
        }
        let mut found = Vec::new();
        for (at, file) in self.files.iter().enumerate() {
            let id = FileId(at as u32);
            if !is_selected(id) || (self.crates.files[at].is_test && !self.options.include_tests) {
                continue;
            }
            for (index, item) in file.types.iter().enumerate() {
                let is_owner = matches!(item.kind, TypeKind::Struct | TypeKind::Enum);
                if is_owner && (!item.is_test || self.options.include_tests) {
                    let owner = TypeRef::from_index(id, index);
                    found.extend(self.ask(None, || self.owner_entry(owner, &mut behind)).flatten());
                }
            }
        }
        found.sort_by_key(|entry| entry.owner.at);
        found
    }

    fn owner_entry(&self, owner: TypeRef, behind: &mut Fields) -> Option<OwnerEntry> {
        let file = self.file(owner.file);
        let item = &file[owner.id];
        let mut fields: Vec<OwnerField> = (item.fields.iter())
            .filter_map(|field| {
                let name = self.field_key(owner, field);
                let ty = self.declared_type(owner, field);
                let known = behind.remove(&(owner, name.clone()));
                let holds = self.holds(&ty, known.is_some())?;
                Some(self.owner_field(
                    owner,
                    name,
                    field.range.in_file(owner.file),
                    (holds, &ty),
                    known.unwrap_or_default(),
                ))
            })
            .collect();
        end_with_neighbours(&mut fields);
        (!fields.is_empty()).then(|| OwnerEntry {
            owner: Named { name: self.type_name(owner).to_owned(), at: item.name_range.in_file(owner.file) },
            krate: self.crate_name(owner.file).to_owned(),
            fields,
        })
    }

    /// What a field of that type holds, if tasks can be ended through it.
    fn holds(&self, ty: &Type, has_tasks: bool) -> Option<Holds> {
        match ty.innermost() {
            Type::External(path, _) => match catalogue::task_hold(&path) {
                // Most senders and notifications end nothing.
                Some(TaskHold::Sender | TaskHold::Receiver | TaskHold::Notify) if !has_tasks => None,
                Some(hold) => Some(Holds::Foreign(hold)),
                None if self.foreign_on_drop(&path).is_some() => Some(Holds::Foreign(TaskHold::Guard)),
                None => has_tasks.then_some(Holds::Flag),
            },
            ty @ Type::Item(item, _) => {
                // What else such a type holds is told with its own fields.
                (self.ends_task_on_drop(&ty).is_some() || has_tasks)
                    .then(|| Holds::Owner(self.type_name(item).to_owned()))
            }
            _ => has_tasks.then_some(Holds::Flag),
        }
    }

    fn owner_field(
        &self,
        owner: TypeRef,
        name: String,
        at: Span,
        (holds, ty): (Holds, &Type),
        behind: Behind,
    ) -> OwnerField {
        // What is called on a type of the workspace is its own affair.
        let acts = match holds {
            Holds::Owner(_) => Vec::new(),
            Holds::Flag => self.acts_on_sign(owner, &name, Sign::Flag(None)),
            Holds::Foreign(_) => self.acts_on_sign(owner, &name, Sign::Call),
        };
        let acts: Vec<OwnerAct> = (acts.into_iter())
            .map(|(act, at, by)| OwnerAct { act, by: self.named(by), at, is_in_drop: self.is_run_by_drop(by) })
            .collect();
        let by_type = self.ends_task_on_drop(ty);
        let (verdict, why) = self.judge_owner(&by_type, &acts, &behind);
        OwnerField { name, at, holds, tasks: behind.tasks, acts, verdict, why }
    }

    fn judge_owner(
        &self,
        by_type: &Option<OwnerEvidence>,
        acts: &[OwnerAct],
        behind: &Behind,
    ) -> (OwnerVerdict, Option<(String, Option<Span>)>) {
        if let Some(dead) = &behind.dead {
            return (OwnerVerdict::NeverEnded, Some((dead.why.clone(), dead.at)));
        }
        if let Some(evidence) = by_type {
            let shared = if evidence.is_shared { ", once nothing else shares it" } else { "" };
            let verdict = match evidence.does {
                OnDrop::Ends => OwnerVerdict::EndsOnDrop,
                OnDrop::Signals => OwnerVerdict::SignalsOnDrop,
            };
            return (verdict, Some((format!("dropping `{}` ends it{shared}", evidence.how), evidence.at)));
        }
        let ends = |act: &&OwnerAct| matches!(act.act, Act::Aborts | Act::Awaits | Act::Races(_) | Act::Signals);
        if let Some(act) = acts.iter().filter(ends).find(|act| act.is_in_drop) {
            let verdict = if act.act == Act::Aborts { OwnerVerdict::EndsOnDrop } else { OwnerVerdict::SignalsOnDrop };
            return (verdict, Some((format!("`{}` {}", act.by.name, act.act.phrase()), Some(act.at))));
        }
        if behind.is_half {
            return (OwnerVerdict::SignalsOnDrop, Some(("dropping it closes the channel".to_owned(), None)));
        }
        if let Some(act) = acts.iter().find(ends) {
            return (
                OwnerVerdict::OnlyByMethod,
                Some((format!("`{}` {}", act.by.name, act.act.phrase()), Some(act.at))),
            );
        }
        if let Some(act) = acts.iter().find(|act| act.act == Act::HandsOut) {
            return (OwnerVerdict::HandedOut, Some((format!("by `{}`", act.by.name), Some(act.at))));
        }
        match acts.iter().find_map(|act| if let Act::Unknown(why) = act.act { Some((why, act.at)) } else { None }) {
            Some((why, at)) => (OwnerVerdict::Unknown, Some((why.words().to_owned(), Some(at)))),
            None => (OwnerVerdict::NeverEnded, Some(("nothing aborts, awaits or signals it".to_owned(), None))),
        }
    }

    /// The fields that a task's handle, or its set, is stored in, and those that hold what it listens to.
    fn fields_of_task(&self, task: &Task, fate: &Fate, ending: &Ending, behind: &mut Fields) {
        let work = || Named { name: self.task_name(task), at: self.span(task.site) };
        let mut add = |key: (TypeRef, String), dead: Option<&Dead>, is_half: bool| {
            let known = behind.entry(key).or_default();
            if !known.tasks.iter().any(|it| it.at == self.span(task.site)) {
                known.tasks.push(work());
            }
            known.dead = known.dead.take().or_else(|| dead.cloned());
            known.is_half |= is_half;
        };
        match fate {
            Fate::Stored { owner, field, .. } => add((*owner, field.clone()), None, false),
            Fate::Owned => {
                if let Some(key) = self.field_of_set(task) {
                    add(key, None, false);
                }
            }
            _ => {}
        }
        for signal in &ending.signals {
            let is_half = matches!(signal.kind, SignalKind::Channel | SignalKind::Closed);
            for key in self.homes_of_signal(signal) {
                add(key, signal.dead.as_ref(), is_half && signal.dead.is_none());
            }
        }
    }

    /// The field that a task is spawned on: `self.tasks.spawn(f)`.
    fn field_of_set(&self, task: &Task) -> Option<(TypeRef, String)> {
        let receiver = self.spawned_on(task)?;
        let (base, field) = self.field_below(receiver)?;
        match self.type_of(&Value::bare(base)).pointee().innermost() {
            Type::Item(owner, _) => Some((owner, field)),
            _ => None,
        }
    }

    /// The fields that hold what gives a signal.
    fn homes_of_signal(&self, signal: &Signal) -> Vec<(TypeRef, String)> {
        let source = self.value_of(signal.source);
        let mut homes = Homes::default();
        match signal.kind {
            SignalKind::Token | SignalKind::Notify | SignalKind::Flag => self.find_homes(&source, &mut homes),
            SignalKind::Channel | SignalKind::Closed => {
                if let Some((half, place)) = self.half_that_signals(signal.kind, &source) {
                    for used in self.body(place).uses(half.id) {
                        self.home_of_use(half.with(*used), &mut homes);
                    }
                }
            }
            _ => {}
        }
        homes.fields
    }
}

/// A handle that nothing aborts is no loss where another field ends its tasks when it is dropped.
fn end_with_neighbours(fields: &mut [OwnerField]) {
    let ends: Vec<(Span, OwnerVerdict, String)> = (fields.iter())
        .filter(|field| matches!(field.verdict, OwnerVerdict::EndsOnDrop | OwnerVerdict::SignalsOnDrop))
        .flat_map(|field| field.tasks.iter().map(|task| (task.at, field.verdict, field.name.clone())))
        .collect();
    for field in fields.iter_mut() {
        if !matches!(field.verdict, OwnerVerdict::NeverEnded | OwnerVerdict::OnlyByMethod) {
            continue;
        }
        let by: Vec<_> = (field.tasks.iter()).map(|task| ends.iter().find(|(at, ..)| *at == task.at)).collect();
        if let [Some((_, verdict, name)), ..] = by.as_slice()
            && by.iter().all(Option::is_some)
        {
            field.verdict = *verdict;
            field.why = Some((format!("its task ends when `{name}` is dropped"), None));
        }
    }
}
