create table events (
  id           bigint generated always as identity primary key,
  received_at  timestamptz not null,
  ip           text,
  hwid         text not null,
  event_name   text not null,
  app_version  text not null,
  client_type  text not null,
  event_id     text unique, -- null where the sender gave none: nulls never conflict
  metadata     jsonb not null
);
