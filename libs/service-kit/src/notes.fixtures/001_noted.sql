-- Up Migration
create table noted (text text primary key, stream text not null);
