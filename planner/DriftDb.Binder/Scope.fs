namespace DriftDb.Binder

module Scope =
    let placeholder = ()
