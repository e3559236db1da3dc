namespace DriftDb.Binder

open System
open DriftDb.Types
open DriftDb.Plan
open DriftDb.Frontend

/// Type names of the text → SqlType.
module TypeResolution =
    /// The modifiers' values: constants, as PostgreSQL asks (42601 otherwise).
    let private modifierValue (expr: Expr) =
        match expr with
        | Expr.Literal(LiteralValue.Integer value, _) -> int value
        | Expr.Unary({ Symbol = "-" }, Expr.Literal(LiteralValue.Integer value, _), _) -> -(int value)
        | other -> Errors.fail SqlState.InvalidParameterValue other.Span "type modifiers must be simple constants or identifiers"

    /// The bits of PostgreSQL's INTERVAL_MASK for the fields that an interval has.
    let private fieldBits (fields: IntervalFields) =
        let year, month, day, hour, minute, second = 1 <<< 2, 1 <<< 1, 1 <<< 3, 1 <<< 10, 1 <<< 11, 1 <<< 12

        match fields with
        | IntervalFields.Year -> year
        | IntervalFields.Month -> month
        | IntervalFields.Day -> day
        | IntervalFields.Hour -> hour
        | IntervalFields.Minute -> minute
        | IntervalFields.Second -> second
        | IntervalFields.YearToMonth -> year ||| month
        | IntervalFields.DayToHour -> day ||| hour
        | IntervalFields.DayToMinute -> day ||| hour ||| minute
        | IntervalFields.DayToSecond -> day ||| hour ||| minute ||| second
        | IntervalFields.HourToMinute -> hour ||| minute
        | IntervalFields.HourToSecond -> hour ||| minute ||| second
        | IntervalFields.MinuteToSecond -> minute ||| second

    /// `interval day to second(3)`: the fields above, the digits of the seconds below; all of either where they aren't given.
    let private interval (fields: IntervalFields option) (precision: int option) =
        match fields, precision with
        | None, None -> SqlType.Interval
        | _ ->
            let range = fields |> Option.map fieldBits |> Option.defaultValue 0x7FFF
            SqlType.Of(TypeId.Interval, (range <<< 16) ||| (precision |> Option.map (min 6) |> Option.defaultValue 0xFFFF))

    let private withModifiers (baseType: SqlType) (name: TypeName) =
        let values = name.Modifiers |> List.map modifierValue

        match baseType.Id, values with
        | TypeId.Interval, [] -> interval name.IntervalFields None
        | _, [] -> baseType
        | id, _ when name.LengthUnit.IsSome && id <> TypeId.VarChar && id <> TypeId.BpChar ->
            Errors.fail SqlState.SyntaxError name.Span $"type \"{TypeNames.Display id}\" has no length in characters or octets"
        // A CLOB with a length is a string of that length at most.
        | TypeId.Text, [ n ] when name.Name.Last = "clob" || name.Name.Last = "nclob" ->
            if n < 1 then Errors.fail SqlState.InvalidParameterValue name.Span "length of a large object must be at least 1"
            SqlType.Of(TypeId.VarChar, n + 4)
        | (TypeId.VarChar | TypeId.BpChar), [ n ] ->
            if n < 1 then
                Errors.fail SqlState.InvalidParameterValue name.Span $"length for type {TypeNames.TypName baseType.Id} must be at least 1"

            if n > 10485760 then
                Errors.fail SqlState.InvalidParameterValue name.Span $"length for type {TypeNames.TypName baseType.Id} cannot exceed 10485760"

            SqlType.Of(baseType.Id, (n + 4) ||| (if name.LengthUnit = Some LengthUnit.Octets then SqlType.OctetsFlag else 0))
        | TypeId.Numeric, [ precision ]
        | TypeId.Numeric, [ precision; _ ] ->
            let scale = if values.Length = 2 then values[1] else 0

            if precision < 1 || precision > 1000 then
                Errors.fail SqlState.InvalidParameterValue name.Span $"NUMERIC precision {precision} must be between 1 and 1000"

            if scale < -1000 || scale > 1000 then
                Errors.fail SqlState.InvalidParameterValue name.Span $"NUMERIC scale {scale} must be between -1000 and 1000"

            SqlType.Of(TypeId.Numeric, ((precision <<< 16) ||| (scale &&& 0x7ff)) + 4)
        | (TypeId.Time | TypeId.TimeTz | TypeId.Timestamp | TypeId.TimestampTz | TypeId.Interval), [ precision ] ->
            if precision < 0 then
                Errors.fail SqlState.InvalidParameterValue name.Span $"{(TypeNames.Display baseType.Id).ToUpperInvariant()}({precision}) precision must not be negative"

            // PostgreSQL reduces a precision that it can't keep to the largest one, with a warning.
            if baseType.Id = TypeId.Interval then interval name.IntervalFields (Some precision) else SqlType.Of(baseType.Id, min precision 6)
        | (TypeId.Bit | TypeId.VarBit), [ n ] -> SqlType.Of(baseType.Id, n)
        | TypeId.Float8, [ n ] ->
            if n < 1 then Errors.fail SqlState.InvalidParameterValue name.Span "precision for type float must be at least 1 bit"
            elif n > 53 then Errors.fail SqlState.InvalidParameterValue name.Span "precision for type float must be less than 54 bits"
            elif n <= 24 then SqlType.Float4
            else SqlType.Float8
        | _ -> Errors.fail SqlState.SyntaxError name.Span $"type modifier is not allowed for type \"{TypeNames.Display baseType.Id}\""

    /// The domain that a type's name stands for; null for a type.
    let domain (catalog: ICatalog) (name: TypeName) : Domain =
        let schema =
            match name.Name.Texts with
            | [ _ ] -> null
            | parts -> parts[parts.Length - 2]

        let isType = (isNull schema || schema = "pg_catalog") && not (isNull (TypeNames.Find name.Name.Last))
        if isType || not name.ArrayBounds.IsEmpty || not name.Modifiers.IsEmpty then null else catalog.FindDomain(schema, name.Name.Last)

    /// The named type; 42704 when there is none.
    let resolve (catalog: ICatalog) (name: TypeName) : SqlType =
        let last = name.Name.Last

        let schema =
            match name.Name.Texts with
            | [ _ ] -> null
            | [ schema; _ ] -> schema
            | parts -> parts[parts.Length - 2]

        let isSystem = isNull schema || schema = "pg_catalog"

        let found =
            // The quoted "char" is the catalogs' one-byte type; unquoted char has become bpchar in the front-end.
            if isSystem && last = "char" then SqlType.Char1
            else
                match (if isSystem then TypeNames.Find last else null) with
                | null -> catalog.FindType(schema, last)
                | builtin -> builtin

        if isNull (box found) && not (isNull (catalog.FindDomain(schema, last))) then
            Errors.unsupported name.Span $"domain \"{last}\" in this place"

        if isNull (box found) then
            let shown = String.Join(".", name.Name.Texts)
            Errors.fail SqlState.UndefinedObject name.Span $"type \"{shown}\" does not exist"

        let element = withModifiers found name
        if name.ArrayBounds.IsEmpty then element else SqlType.ArrayOf element
