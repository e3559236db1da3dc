namespace DriftDb.Frontend

module Ast =
    let placeholder = ()
