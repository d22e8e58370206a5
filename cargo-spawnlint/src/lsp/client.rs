//! What a client can do, as far as it makes a difference.

use super::text::Encoding;
use lsp_types::ClientCapabilities;
use serde_json::Value;

/// What a client can do.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Client {
    pub(super) encoding: Encoding,
    /// It shows other places that belong to a diagnostic.
    pub(super) has_related: bool,
    /// It links codes.
    pub(super) has_code_links: bool,
    /// It asks for diagnostics.
    pub(super) pulls: bool,
    /// It can be told to ask again: for diagnostics, inlay hints, code lenses.
    pub(super) refreshes: Refreshes,
    /// Edits may name the version of the document that they are for.
    pub(super) has_document_changes: bool,
    /// It takes code actions with edits in them.
    pub(super) has_code_actions: bool,
    /// It shows how far something is.
    pub(super) has_progress: bool,
    /// It can be asked for settings.
    pub(super) has_configuration: bool,
    /// It watches files if it is asked to.
    pub(super) watches: bool,
    /// It opens documents and addresses.
    pub(super) shows_documents: bool,
}

/// What a client can be told to ask for again.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Refreshes {
    pub(super) diagnostics: bool,
    pub(super) inlay_hints: bool,
    pub(super) code_lenses: bool,
}

impl Client {
    /// `raw` is what the client sent: the types call one key otherwise than the protocol.
    pub(super) fn of(capabilities: &ClientCapabilities, raw: &Value) -> Client {
        let refreshes = raw.pointer("/workspace/diagnostics/refreshSupport");
        let general = capabilities.general.as_ref();
        let offered = general.and_then(|it| it.position_encodings.as_deref()).unwrap_or_default();
        let document = capabilities.text_document.as_ref();
        let publish = document.and_then(|it| it.publish_diagnostics.as_ref());
        let workspace = capabilities.workspace.as_ref();
        let window = capabilities.window.as_ref();
        let actions = document.and_then(|it| it.code_action.as_ref());
        let is = |it: Option<bool>| it == Some(true);
        Client {
            encoding: Encoding::among(offered),
            has_related: is(publish.and_then(|it| it.related_information)),
            has_code_links: is(publish.and_then(|it| it.code_description_support)),
            pulls: document.is_some_and(|it| it.diagnostic.is_some()),
            refreshes: Refreshes {
                diagnostics: refreshes.and_then(Value::as_bool) == Some(true),
                inlay_hints: is(workspace.and_then(|it| it.inlay_hint.as_ref()?.refresh_support)),
                code_lenses: is(workspace.and_then(|it| it.code_lens.as_ref()?.refresh_support)),
            },
            has_document_changes: is(workspace.and_then(|it| it.workspace_edit.as_ref()?.document_changes)),
            has_code_actions: actions.is_some_and(|it| it.code_action_literal_support.is_some()),
            has_progress: is(window.and_then(|it| it.work_done_progress)),
            has_configuration: is(workspace.and_then(|it| it.configuration)),
            watches: is(workspace.and_then(|it| it.did_change_watched_files.as_ref()?.dynamic_registration)),
            shows_documents: window.and_then(|it| it.show_document.as_ref()).is_some_and(|it| it.support),
        }
    }
}
