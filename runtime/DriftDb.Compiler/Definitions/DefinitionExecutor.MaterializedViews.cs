using DriftDb.Frontend;
using DriftDb.Storage;
using DriftDb.Types;

namespace DriftDb.Compiler;

/// <summary>CREATE and REFRESH MATERIALIZED VIEW. Its rows are a table's, with their history: AS OF shows what a refresh had replaced.</summary>
internal sealed partial class DefinitionExecutor
{
    private string CreateMaterializedView(CreateMaterializedViewStatement create)
    {
        string schema = Names.SchemaForNew(session, create.Name, Persistence.Permanent), name = create.Name.Last;
        if (session.Catalog.Snapshot.IsTaken(schema, name))
        {
            if (!create.IfNotExists) throw AlreadyExists(name);
            session.Notify("NOTICE", SqlState.DuplicateTable, $"relation \"{name}\" already exists, skipping");
            return "CREATE MATERIALIZED VIEW";
        }

        RequireNoType(schema, name);
        if (WritesData(create.Query)) throw new SqlException(SqlState.FeatureNotSupported, "materialized views must not use data-modifying statements in WITH");
        var bound = session.Planner.Bind(DataStatement.NewQuery(create.Query), []);
        if (bound.Relations.Any(relation => TemporaryObjects.Owns(relation.Oid))) throw new SqlException(SqlState.FeatureNotSupported, "materialized views must not use temporary tables or views");
        if (bound.ParameterTypes.Length > 0) throw new SqlException(SqlState.UndefinedParameter, "there is no parameter $1");
        Access.Check(bound.Accesses);
        var (text, dependsOn) = Resolved.Query(create.Query);
        var table = new TableObject
        {
            Owner = Access.NewOwner, Acl = NewAcl(SecuredKind.Table, schema),
            Oid = NewOid(schema), Schema = schema, Name = name, Columns = ColumnsOf(bound, create.Columns, create.Span), Query = text, DependsOn = dependsOn,
            IsUnpopulated = !create.WithData, Options = [.. StorageOptions.Texts(create.Options)],
        };
        Owner(table.Oid).CreateTable(ToStore(table));
        Put(ObjectKindNumber.Table, table.Oid, table);
        return create.WithData ? $"SELECT {Fill(table.Oid)}" : "CREATE MATERIALIZED VIEW";
    }

    private string RefreshMaterializedView(StatementNode.RefreshMaterializedView refresh)
    {
        if (Names.Relation(session, refresh.Name) is not TableRelation { IsMaterializedView: true } view)
            throw new SqlException(SqlState.FeatureNotSupported, $"\"{refresh.Name.Last}\" is not a materialized view");
        Access.RequireOwner(view);
        if (refresh.Concurrently)
        {
            if (!refresh.WithData) throw new SqlException(SqlState.SyntaxError, "REFRESH options CONCURRENTLY and WITH NO DATA cannot be used together");
            if (!view.IsPopulated) throw new SqlException(SqlState.FeatureNotSupported, "CONCURRENTLY cannot be used when the materialized view is not populated");
            if (!view.IndexObjects.Any(index => index.IsUnique && !IndexExpressions.Has(index)))
                throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"cannot refresh materialized view \"{view.Schema}.{view.Name}\" concurrently", hint: "Create a unique index with no WHERE clause on one or more columns of the materialized view.");
        }

        LockExclusively(view.Storage);
        if (Owner(view.Oid).Truncate(view.Storage).Status == WriteStatus.MustWait) throw new LockNeededException();
        Put(ObjectKindNumber.Table, view.Oid, view.Definition with { IsUnpopulated = !refresh.WithData });
        if (refresh.WithData) Fill(view.Oid);
        return "REFRESH MATERIALIZED VIEW";
    }

    private long Fill(int oid)
    {
        var view = Current(oid);
        return InternalSql.Execute(session, $"INSERT INTO {Quoted(view.Definition)} {view.Definition.Query}", view.AsTable(session.Database, Owner(oid)));
    }
}
