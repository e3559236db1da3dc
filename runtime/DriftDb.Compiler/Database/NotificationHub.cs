namespace DriftDb.Compiler;

/// <summary>LISTEN and NOTIFY within one database: messages reach listeners when their sender commits.</summary>
internal sealed class NotificationHub
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, HashSet<Session>> _listeners = [];

    public void Listen(string channel, Session session)
    {
        lock (_gate)
        {
            if (!_listeners.TryGetValue(channel, out var sessions)) _listeners[channel] = sessions = [];
            sessions.Add(session);
        }
    }

    public void Unlisten(string channel, Session session)
    {
        lock (_gate)
        {
            if (_listeners.TryGetValue(channel, out var sessions)) sessions.Remove(session);
        }
    }

    public void UnlistenAll(Session session)
    {
        lock (_gate)
        {
            foreach (var sessions in _listeners.Values) sessions.Remove(session);
        }
    }

    public IReadOnlyList<string> ChannelsOf(Session session)
    {
        lock (_gate) return [.. _listeners.Where(entry => entry.Value.Contains(session)).Select(entry => entry.Key)];
    }

    /// <summary>Hands messages to all who listen, the sender included.</summary>
    public void Deliver(IReadOnlyList<Notification> notifications)
    {
        foreach (var notification in notifications)
        {
            Session[] receivers;
            lock (_gate) receivers = _listeners.TryGetValue(notification.Channel, out var sessions) ? [.. sessions] : [];
            foreach (var receiver in receivers) receiver.Receive(notification);
        }
    }
}
