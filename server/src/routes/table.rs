//! Every path of the program in one table, with who may call it. A route cannot be added without a rule.

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};
use gis_data::Permission::{
    Command, Export, ManageIcons, ManageRights, ManageStandards, ManageTerminals, ManageUsers,
    ReadAudit, Record, Track, Unmask,
};

use super::{
    account, alarms, audit, base, commands, documents, features, fences, health, icons, jt808,
    layers, live, modules, near, office_space, ogc, oidc, orgs, overview, seals, search, session,
    sheets, standards, styles, tasks, terminals, tiles, tracks, trips, usage, users, vehicles,
    views,
};
use crate::guard::Rule::{self, Any, Newcomer, Public, SignedIn};
use crate::metrics;
use crate::openapi::{self, Body, Query};
use crate::state::AppState;

/// One method of one path.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) rule: Rule,
    /// What it does, in one line.
    pub(crate) summary: &'static str,
    pub(crate) query: &'static [Query],
    pub(crate) body: Option<Body>,
    /// Neither time limit nor compression: it stays open for weeks, or comes compressed and has limits of its own.
    pub(crate) passes_as_is: bool,
    pub(crate) handler: MethodRouter<AppState>,
}

impl Route {
    pub(super) fn query(mut self, query: &'static [Query]) -> Self {
        self.query = query;
        self
    }

    fn body(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }

    /// Takes a body of so many bytes.
    fn bytes(mut self, most: usize) -> Self {
        self.handler = self.handler.layer(DefaultBodyLimit::max(most));
        self
    }

    fn untouched(mut self) -> Self {
        self.passes_as_is = true;
        self
    }
}

fn route<H: Handler<T, AppState>, T: 'static>(
    method: Method,
    filter: MethodFilter,
    (path, rule, summary): (&'static str, Rule, &'static str),
    handler: H,
) -> Route {
    let handler = on(filter, handler);
    Route { method, path, rule, summary, query: &[], body: None, passes_as_is: false, handler }
}

pub(super) fn get<H: Handler<T, AppState>, T: 'static>(
    path: &'static str,
    rule: Rule,
    summary: &'static str,
    handler: H,
) -> Route {
    route(Method::GET, MethodFilter::GET, (path, rule, summary), handler)
}

fn post<H: Handler<T, AppState>, T: 'static>(
    path: &'static str,
    rule: Rule,
    summary: &'static str,
    handler: H,
) -> Route {
    route(Method::POST, MethodFilter::POST, (path, rule, summary), handler)
}

fn put<H: Handler<T, AppState>, T: 'static>(
    path: &'static str,
    rule: Rule,
    summary: &'static str,
    handler: H,
) -> Route {
    route(Method::PUT, MethodFilter::PUT, (path, rule, summary), handler)
}

fn delete<H: Handler<T, AppState>, T: 'static>(
    path: &'static str,
    rule: Rule,
    summary: &'static str,
    handler: H,
) -> Route {
    route(Method::DELETE, MethodFilter::DELETE, (path, rule, summary), handler)
}

/// All of them.
pub(crate) fn table() -> Vec<Route> {
    let mut all = places();
    all.extend(fleet());
    all.extend(fleet_rules());
    all.extend(fleet_by_place());
    all.extend(pictograms());
    all.extend(business());
    all.extend(identity());
    all.extend(ogc::routes());
    all
}

fn places() -> Vec<Route> {
    use Query::{Integer, Text};
    vec![
        get("/healthz", Public, "Alive", health::get_healthz),
        get("/readyz", Public, "Ready to answer", health::get_readyz),
        get("/metrics", Any(&[ManageUsers]), "Prometheus figures", metrics::get_metrics),
        get("/api/v1/openapi.json", SignedIn, "This document", openapi::get_openapi),
        get("/tiles/{layers}", SignedIn, "TileJSON of layers", tiles::get_tilejson),
        get("/tiles/{layers}/{z}/{x}/{y}", SignedIn, "A vector tile of layers", tiles::get_tile)
            .query(&[Text("filter"), Text("filter-lang"), Text("properties")])
            .untouched(),
        get("/base/{name}", SignedIn, "TileJSON of a base map", base::get_base),
        get("/base/{name}/{z}/{x}/{y}", SignedIn, "A tile of a base map", base::get_base_tile),
        get("/styles/{name}", SignedIn, "A map style", styles::get_style).query(&[Text("lang")]),
        get("/api/v1/layers", SignedIn, "The layer catalogue", layers::list_layers),
        get("/api/v1/features/{id}", SignedIn, "A place", features::get_feature),
        get(
            "/api/v1/features/{id}/children",
            SignedIn,
            "What lies in a place",
            features::list_children,
        )
        .query(&[Text("kind")]),
        get(
            "/api/v1/features/{id}/records",
            SignedIn,
            "Records of a place",
            features::list_records,
        ),
        get(
            "/api/v1/search",
            SignedIn,
            "Search by name, plate, number, pinyin",
            search::search_features,
        )
        .query(&[Text("q"), Integer("limit")]),
        get("/api/v1/overview", SignedIn, "Figures of the big screen", overview::get_overview),
        get("/api/v1/orgs", SignedIn, "Organisations", orgs::list_orgs),
        get("/api/v1/standards", SignedIn, "Standards that rules go by", standards::list_standards)
            .query(&[Text("at")]),
        get("/api/v1/live", SignedIn, "The live stream (WebSocket)", live::get_live).untouched(),
    ]
}

fn fleet() -> Vec<Route> {
    use Query::{Integer, Text, Time};
    const USAGE: &[Query] =
        &[Text("by"), Text("from"), Text("to"), Integer("org"), Integer("vehicle"), Text("lang")];
    vec![
        get("/api/v1/vehicles", SignedIn, "Vehicles", vehicles::list_vehicles).query(&[
            Text("q"),
            Text("status"),
            Integer("limit"),
        ]),
        get("/api/v1/vehicles/{id}", SignedIn, "A vehicle", vehicles::get_vehicle),
        get(
            "/api/v1/vehicles/{id}/track",
            Any(&[Track]),
            "Where a vehicle was",
            vehicles::get_track,
        )
        .query(&[Time("from"), Time("to")]),
        get("/api/v1/vehicles/{id}/trips", Any(&[Track]), "What a vehicle did", trips::list_trips)
            .query(&[Time("from"), Time("to")]),
        get("/api/v1/vehicles/usage", Any(&[Track]), "How vehicles were used", usage::get_usage)
            .query(USAGE),
        get("/api/v1/vehicles/usage.xlsx", Any(&[Export]), "The same as xlsx", usage::export_usage)
            .query(USAGE),
        get("/api/v1/tracks", Any(&[Track]), "Where vehicles were, in columns", tracks::get_tracks)
            .query(&[Text("vehicles"), Time("from"), Time("to")]),
        get("/api/v1/alarms", Any(&[Track]), "Alarms, the newest first", alarms::list_alarms)
            .query(&[
                Integer("vehicle"),
                Integer("org"),
                Text("rule"),
                Text("pending"),
                Text("state"),
                Integer("level"),
                Time("from"),
                Time("to"),
                Integer("before"),
                Integer("limit"),
            ]),
        get("/api/v1/alarms/rules", SignedIn, "What alarms go by", alarms::list_rules),
        get(
            "/api/v1/alarms/thresholds",
            Any(&[Track]),
            "Numbers of rules that are set",
            alarms::list_thresholds,
        ),
        put(
            "/api/v1/alarms/thresholds",
            Any(&[Command]),
            "Set a number of a rule",
            alarms::put_threshold,
        )
        .body(Body::Threshold),
        post("/api/v1/alarms/{id}/acts", Any(&[Command]), "Act on an alarm", alarms::act)
            .body(Body::AlarmAct),
        get("/api/v1/commands", Any(&[Track]), "Commands to terminals", commands::list_commands)
            .query(&[Integer("vehicle"), Text("state"), Integer("before"), Integer("limit")]),
        post("/api/v1/commands", Any(&[Command]), "Ask for a command", commands::ask_command)
            .body(Body::Command),
        post(
            "/api/v1/commands/{id}/decisions",
            Any(&[Command]),
            "Approve, refuse or withdraw a command",
            commands::decide_command,
        )
        .body(Body::Decision),
        get("/api/v1/jt808/explain", SignedIn, "Frames, byte by byte", jt808::explain_frames)
            .query(&[Text("hex")]),
    ]
}

fn fleet_rules() -> Vec<Route> {
    use Query::{Integer, Text};
    vec![
        get("/api/v1/fences", Any(&[Track]), "Fences of vehicles", fences::list_fences),
        post("/api/v1/fences", Any(&[Command]), "Draw a fence", fences::add_fence)
            .body(Body::Fence)
            .bytes(fences::MOST_BYTES),
        put("/api/v1/fences/{id}", Any(&[Command]), "Change a fence", fences::change_fence)
            .query(&[Integer("version")])
            .body(Body::Fence)
            .bytes(fences::MOST_BYTES),
        delete("/api/v1/fences/{id}", Any(&[Command]), "Retire a fence", fences::retire_fence),
        get(
            "/api/v1/seals",
            Any(&[Track]),
            "Times in which vehicles must stand",
            seals::list_seals,
        )
        .query(&[Text("state"), Text("cursor"), Integer("limit")]),
        post("/api/v1/seals", Any(&[Command]), "Seal vehicles", seals::add_seal).body(Body::Seal),
        get("/api/v1/seals/holidays", Any(&[Track]), "Holidays to seal over", seals::list_holidays),
        post("/api/v1/seals/{id}/lift", Any(&[Command]), "Lift a seal early", seals::lift_seal),
        post(
            "/api/v1/seals/{id}/withdraw",
            Any(&[Command]),
            "Withdraw a seal as one that never held",
            seals::withdraw_seal,
        ),
    ]
}

fn fleet_by_place() -> Vec<Route> {
    use Query::{Integer, Text};
    vec![
        get(
            "/api/v1/vehicles/nearest",
            SignedIn,
            "The vehicles nearest a place",
            near::list_nearest,
        )
        .query(&[
            Text("lon"),
            Text("lat"),
            Integer("count"),
            Text("within_m"),
            Text("status"),
        ]),
        post("/api/v1/vehicles/within", SignedIn, "The vehicles in an area", near::list_within)
            .body(Body::Area)
            .bytes(fences::MOST_BYTES),
        post("/api/v1/vehicles/along", SignedIn, "The vehicles along a road", near::list_along)
            .body(Body::Road),
    ]
}

fn pictograms() -> Vec<Route> {
    use Query::Text;
    const ICONS: Rule = Any(&[ManageIcons]);
    vec![
        get("/sprites/{name}", SignedIn, "The sprite of a style", icons::get_sprite)
            .query(&[Text("v")]),
        get("/api/v1/icons", SignedIn, "Icons, and what draws them", icons::list_icons),
        get("/api/v1/icons/{name}", SignedIn, "An icon as SVG", icons::get_icon)
            .query(&[Text("v")]),
        put("/api/v1/icons/{name}", ICONS, "Add or replace an icon", icons::put_icon)
            .body(Body::Svg),
        delete("/api/v1/icons/{name}", ICONS, "Remove or reset an icon", icons::delete_icon),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn business() -> Vec<Route> {
    use Query::{Integer, Text};
    const RECORD: Rule = Any(&[Record]);
    const STANDARDS: Rule = Any(&[ManageStandards]);
    const FILTER: &[Query] = &[
        Text("kind"),
        Text("state"),
        Text("phase"),
        Integer("feature"),
        Text("q"),
        Text("filter"),
        Text("sort"),
        Integer("limit"),
        Integer("after"),
        Text("lang"),
    ];
    vec![
        get("/api/v1/modules", SignedIn, "Modules, counts and figures", modules::list_modules),
        get(
            "/api/v1/modules/kinds/{kind}",
            SignedIn,
            "The definition of a kind",
            modules::get_kind,
        ),
        get("/api/v1/documents", SignedIn, "Documents", documents::list_documents).query(FILTER),
        post("/api/v1/documents", RECORD, "Put a document on file", documents::create_document)
            .body(Body::Document),
        get("/api/v1/documents/{id}", SignedIn, "A document", documents::get_document),
        post(
            "/api/v1/documents/{id}/actions/{action}",
            RECORD,
            "Act on a document",
            documents::act_on_document,
        )
        .body(Body::Act),
        post(
            "/api/v1/documents/actions/{action}",
            RECORD,
            "Act on documents",
            documents::act_on_documents,
        )
        .body(Body::Bulk),
        post("/api/v1/documents/{id}/comments", RECORD, "Comment", documents::comment_on_document)
            .body(Body::Comment),
        post(
            "/api/v1/documents/{id}/attachments",
            RECORD,
            "Attach a file",
            documents::attach_to_document,
        )
        .query(&[Text("name")])
        .body(Body::File)
        .bytes(::modules::ATTACHMENT_MOST_BYTES),
        get(
            "/api/v1/documents/{id}/attachments/{sha256}",
            SignedIn,
            "A file",
            documents::get_attachment,
        ),
        get(
            "/api/v1/documents/export",
            Any(&[Export]),
            "Documents as xlsx",
            sheets::export_documents,
        )
        .query(FILTER)
        .untouched(),
        get("/api/v1/documents/template", SignedIn, "A workbook to fill in", sheets::get_template)
            .query(&[Text("kind"), Text("lang")]),
        post(
            "/api/v1/documents/import",
            RECORD,
            "Import documents from xlsx",
            sheets::import_documents,
        )
        .query(&[Text("kind"), Text("dry_run"), Text("lang")])
        .body(Body::File)
        .bytes(sheets::WORKBOOK_BYTES)
        .untouched(),
        get(
            "/api/v1/documents/import/{id}",
            SignedIn,
            "What an import refused",
            sheets::get_import_report,
        ),
        get("/api/v1/tasks", SignedIn, "One's inbox", tasks::list_tasks)
            .query(&[Text("state"), Integer("limit")]),
        post("/api/v1/tasks/{id}/deeds", SignedIn, "Decide", tasks::decide_task).body(Body::Deed),
        post("/api/v1/tasks/deeds", SignedIn, "Decide several", tasks::decide_tasks)
            .body(Body::BulkDeed),
        get("/api/v1/people", RECORD, "People by name", tasks::list_people)
            .query(&[Text("q"), Integer("limit")]),
        get("/api/v1/views", SignedIn, "Saved filters", views::list_views).query(&[Text("kind")]),
        post("/api/v1/views", SignedIn, "Save a filter", views::create_view).body(Body::View),
        delete("/api/v1/views/{id}", SignedIn, "Forget a filter", views::delete_view),
        post(
            "/api/v1/standards",
            STANDARDS,
            "Add an edition of a standard",
            standards::create_standard,
        )
        .body(Body::Standard),
        post(
            "/api/v1/standards/{id}/confirm",
            STANDARDS,
            "Confirm a standard",
            standards::confirm_standard,
        )
        .body(Body::Note),
        get(
            "/api/v1/ledgers/space",
            SignedIn,
            "A room in the space ledger",
            office_space::get_space_ledger,
        )
        .query(&[Integer("feature"), Text("at")]),
        get(
            "/api/v1/ledgers/space/stacking",
            SignedIn,
            "A building floor by floor",
            office_space::get_stacking,
        )
        .query(&[Integer("building"), Text("at")]),
        get(
            "/api/v1/ledgers/space/reconciliation",
            SignedIn,
            "Ledger, drawing and certificate",
            office_space::get_reconciliation,
        )
        .query(&[Integer("building")]),
        get(
            "/api/v1/ledgers/closings",
            SignedIn,
            "Until when a ledger is closed",
            office_space::list_closings,
        )
        .query(&[Text("ledger")]),
        post(
            "/api/v1/ledgers/closings",
            STANDARDS,
            "Close a ledger through a day",
            office_space::close_period,
        )
        .body(Body::Closing),
        get(
            "/api/v1/office-space/vacant",
            SignedIn,
            "Vacant rooms that fit",
            office_space::find_vacant,
        )
        .query(&[
            Integer("people"),
            Integer("org"),
            Integer("near"),
            Integer("radius_m"),
            Text("rank"),
            Text("on"),
        ]),
        get(
            "/api/v1/office-space/over-standard",
            SignedIn,
            "Who has too much",
            office_space::list_over_standard,
        )
        .query(&[Integer("org")]),
        get(
            "/api/v1/office-space/entitlement",
            SignedIn,
            "What a body may have",
            office_space::get_entitlement,
        )
        .query(&[Integer("org"), Text("form"), Text("on")]),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn identity() -> Vec<Route> {
    use Query::{Integer, Text};
    const PEOPLE: Rule = Any(&[ManageUsers, ManageRights]);
    const USERS: Rule = Any(&[ManageUsers]);
    const RIGHTS: Rule = Any(&[ManageRights]);
    const TERMINALS: Rule = Any(&[ManageTerminals]);
    const AUDIT: Rule = Any(&[ReadAudit]);
    const UNMASK: Rule = Any(&[Unmask]);
    vec![
        get(
            "/api/v1/session/options",
            Public,
            "What the sign-in page shows",
            session::get_session_options,
        ),
        get("/api/v1/session", Newcomer, "Who is signed in", session::get_session),
        post("/api/v1/session", Public, "Sign in", session::create_session).body(Body::SignIn),
        delete("/api/v1/session", Newcomer, "Sign out", session::delete_session),
        get("/api/v1/session/oidc", Public, "To the identity provider", oidc::get_oidc),
        get(
            "/api/v1/session/oidc/callback",
            Public,
            "Back from the identity provider",
            oidc::get_oidc_callback,
        )
        .query(&[Text("code"), Text("state"), Text("error")]),
        post("/api/v1/session/unmask", UNMASK, "Lift the masks for a while", session::unmask)
            .body(Body::Reason),
        delete("/api/v1/session/unmask", SignedIn, "Put the masks back", session::mask_again),
        get("/api/v1/account/sessions", Newcomer, "One's own sessions", account::list_sessions),
        delete(
            "/api/v1/account/sessions",
            Newcomer,
            "Sign out everywhere",
            account::delete_all_sessions,
        ),
        delete(
            "/api/v1/account/sessions/{id}",
            Newcomer,
            "End a session",
            account::delete_one_session,
        ),
        post(
            "/api/v1/account/password",
            Newcomer,
            "Change one's password",
            account::change_password,
        )
        .body(Body::Password),
        post(
            "/api/v1/account/second-factor",
            SignedIn,
            "Draw a second factor",
            account::offer_second_factor,
        ),
        post(
            "/api/v1/account/second-factor/confirm",
            SignedIn,
            "Put it in force",
            account::confirm_second_factor,
        )
        .body(Body::Code),
        delete(
            "/api/v1/account/second-factor",
            SignedIn,
            "Take it away",
            account::delete_second_factor,
        )
        .body(Body::Confirm),
        get("/api/v1/account/tokens", SignedIn, "One's own tokens", account::list_tokens),
        post("/api/v1/account/tokens", SignedIn, "Make a token", account::create_token)
            .body(Body::Token),
        delete("/api/v1/account/tokens/{id}", SignedIn, "Revoke a token", account::delete_token),
        get("/api/v1/users", PEOPLE, "Accounts", users::list_users)
            .query(&[Text("q"), Integer("limit")]),
        post("/api/v1/users", USERS, "Make an account", users::create_user).body(Body::User),
        post(
            "/api/v1/users/{id}/{action}",
            USERS,
            "Disable, enable, reset, sign out",
            users::act_on_user,
        ),
        post("/api/v1/users/{id}/grants", RIGHTS, "Grant a role", users::create_grant)
            .body(Body::Grant),
        delete("/api/v1/grants/{id}", RIGHTS, "Revoke a grant", users::delete_grant),
        get("/api/v1/roles", SignedIn, "Roles and permissions", users::list_roles),
        get("/api/v1/terminals", TERMINALS, "Terminals", terminals::list_terminals)
            .query(&[Text("q"), Integer("limit")]),
        post(
            "/api/v1/terminals/{id}/credential",
            TERMINALS,
            "Issue a credential",
            terminals::issue_credential,
        ),
        delete(
            "/api/v1/terminals/{id}/credential",
            TERMINALS,
            "Revoke it",
            terminals::delete_credential,
        ),
        get("/api/v1/audit", AUDIT, "The audit log", audit::list_audit).query(&[
            Text("action"),
            Text("actor"),
            Integer("before"),
            Integer("limit"),
        ]),
        get("/api/v1/audit/export", AUDIT, "The audit log as CSV", audit::export_audit).query(&[
            Text("action"),
            Text("actor"),
            Text("lang"),
        ]),
        post("/api/v1/audit/verify", AUDIT, "Verify the audit log", audit::verify_audit),
    ]
}
