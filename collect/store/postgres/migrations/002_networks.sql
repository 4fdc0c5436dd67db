alter table events add column network text; -- keyed hash of the sender's network

create table collector_state (
  one         boolean primary key default true check (one),
  epoch       bigint not null default 0, -- goes up when stored events are changed or deleted
  network_key bytea                      -- of the hashes in events.network
);
insert into collector_state default values;

create function collector_events_changed() returns trigger language plpgsql security definer set search_path from current as
$$ begin update collector_state set epoch = epoch + 1; return null; end $$;
create trigger collector_events_changed after delete or update or truncate on events
  for each statement execute function collector_events_changed();
